// The door's screen: asked for anew when its code changes.

const door = document.querySelector('[data-role="door"]');
window.setTimeout(() => window.location.reload(), Math.max(1, Number(door.dataset.seconds)) * 1000);
