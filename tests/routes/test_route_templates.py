"""What every page shares is not changed by what one page names."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient
from jinja2 import meta, nodes
from small_world import SmallWorld

FRAME = "base.html"


def test_no_page_takes_a_name_of_its_frame(app: Flask) -> None:
    """A macro called as something that base.html shows would be shown in its place."""
    source, parse = app.jinja_env.loader, app.jinja_env.parse
    assert source is not None

    def tree(name: str) -> nodes.Template:
        return parse(source.get_source(app.jinja_env, name)[0])

    shared = meta.find_undeclared_variables(tree(FRAME))
    assert "here" in shared
    wrong = {}
    for name in app.jinja_env.list_templates():
        if not name.endswith(".html"):
            continue
        page = tree(name)
        if not any(one.template == nodes.Const(FRAME) for one in page.find_all(nodes.Extends)):
            continue
        named = {one.name for one in page.body if isinstance(one, nodes.Macro)}
        named |= {
            target.name
            for one in page.body
            if isinstance(one, nodes.Assign)
            for target in one.find_all(nodes.Name)
            if target.ctx == "store"
        }
        if named & shared:
            wrong[name] = named & shared
    assert wrong == {}


def test_choosing_a_language_leads_back_to_the_page(
    sign_in: Callable[[str], FlaskClient], world: SmallWorld
) -> None:
    coordinator = sign_in(world.coordinator)
    for path in ("/reports", "/demand/2026-03-09?office=lisbon", "/weeks/2026-03-09/network"):
        page = coordinator.get(path, follow_redirects=True).text
        assert f'name="next" value="{path.partition("?")[0]}' in page
