// Reads a feed on standard input with ical.js; writes what a person in a zone would see, as JSON.
import { readFileSync } from "node:fs";
import ICAL from "ical.js";

const zone = process.argv[2];
const clock = new Intl.DateTimeFormat("sv-SE", {
  timeZone: zone,
  dateStyle: "short",
  timeStyle: "short",
});
const calendar = new ICAL.Component(ICAL.parse(readFileSync(0, "utf8")));
const events = calendar.getAllSubcomponents("vevent").map((component) => {
  const event = new ICAL.Event(component);
  return {
    uid: event.uid,
    start: clock.format(event.startDate.toJSDate()),
    end: clock.format(event.endDate.toJSDate()),
    sequence: event.sequence,
    summary: event.summary,
    description: event.description,
    location: event.location,
  };
});
process.stdout.write(
  JSON.stringify({
    name: calendar.getFirstPropertyValue("x-wr-calname"),
    refresh: calendar.getFirstPropertyValue("refresh-interval").toSeconds(),
    events,
  }),
);
