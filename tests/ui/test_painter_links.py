"""Drawings that come to the painter by a link: opened, and never in place of the visitor's own."""

import pytest

from lab.data.streets import STREETS
from lab.ui.layouts import PRESETS
from tests.ui.test_painter import stage
from tests.ui.test_painter_kept import KEEPER, SIZE, done, drawing

__all__ = ["stage"]
pytest.importorskip("playwright.sync_api")
pytestmark = pytest.mark.browser


def test_a_link_takes_the_place_of_the_kept_drawing_only_once_it_is_painted_on(stage) -> None:
    told = done(
        stage,
        """
        localStorage.setItem(key('streets'), store);
        location.hash = link;
        const painter = begin();
        await until(() => asked.length);
        answer(painter, theirs);
        painter.props.kept = {checkpoint: 'town', looks: {seed: 1}};
        painter.watched.kept();
        painter.props.kept = {checkpoint: 'town', looks: {seed: 2}};
        painter.watched.kept();
        await settled();
        const untouched = await kept(painter, 'streets') === mine.labels;
        const beside = offered(painter);
        paint(painter);
        const painted = painter.props.value.labels;
        await until(async () => await kept(painter, 'streets') === painted);
        return {untouched, beside, opened: asked[0] === theirs.labels, hash: location.hash};
        """,
    )
    assert told == {"untouched": True, "beside": True, "opened": True, "hash": ""}


def test_a_link_pasted_into_the_open_page_is_opened_and_own_strokes_are_kept(stage) -> None:
    told = done(
        stage,
        """
        const painter = begin(), opened = [];
        for (const y of [.2, .5]) {            // the same link again: the second time as the first
          paint(painter, y);
          const own = painter.props.value.labels, before = asked.length;
          location.hash = link;
          await until(() => asked.length > before);
          answer(painter, theirs);
          await settled();
          opened.push({asked: asked.at(-1) === theirs.labels, hash: location.hash,
            shown: painter.props.value.labels === theirs.labels, bar: offered(painter),
            own: await kept(painter, 'streets') === own});
        }
        return opened;
        """,
    )
    assert told == [{"asked": True, "hash": "", "shown": True, "bar": True, "own": True}] * 2


def test_a_link_pasted_while_another_tab_is_shown_is_opened_once_ours_is(stage) -> None:
    told = done(
        stage,
        """
        const host = document.querySelector('#host');
        host.insertAdjacentHTML('beforebegin',
          '<button id="ours-button" aria-selected="false"></button>'
          + '<div role="tabpanel" id="ours"></div>');
        document.querySelector('#ours').append(host);
        const button = document.querySelector('button'), painter = begin();
        const shown = new Promise((go) => button.addEventListener('click', go));
        location.hash = link;
        await shown;
        await wait(300);
        const early = asked.length;            // the tab may still bring a drawing of its own
        window.dispatchEvent(new Event('atelier-shown'));
        await until(() => asked.length);
        return {early, opened: asked[0] === theirs.labels, hash: location.hash};
        """,
    )
    assert told == {"early": 0, "opened": True, "hash": ""}


def test_a_link_that_cannot_be_opened_costs_nothing(stage) -> None:
    told = done(
        stage,
        """
        localStorage.setItem(key('streets'), store);
        const painter = begin();
        await until(() => asked.length);
        answer(painter, mine);                 // what was kept is brought back
        location.hash = link;
        await until(() => asked.length > 1);
        said.length = 0;
        unopened();
        const sent = [...said], shown = painter.props.value.labels === mine.labels;
        location.hash = '#drawing=nothing';
        await until(() => words(painter) === 'this link holds no drawing');
        await settled();
        return {sent, shown, more: said.length - sent.length, bar: bar(painter),
          kept: await kept(painter, 'streets') === mine.labels};
        """,
    )
    assert told == {"sent": ["input"], "shown": True, "more": 0, "bar": True, "kept": True}


def test_a_page_opened_by_a_broken_link_says_so_and_shows_the_first_drawing(stage) -> None:
    told = done(
        stage,
        """
        location.hash = '#drawing=nothing';
        const painter = begin();
        await until(() => said.includes('input'));
        await wait(100);
        const shown = painter.props.value.labels === first.labels;
        painter.props.value = {...first, first: true};        // Python sends it a second time
        painter.watched.value();
        const then = words(painter);
        paint(painter);
        return {shown, words: then, after: words(painter)};
        """,
    )
    assert told["shown"] and told["words"] == "this link holds no drawing" != told["after"]


def test_a_link_that_can_be_opened_is_the_last_word_on_links(stage) -> None:
    told = done(
        stage,
        """
        const painter = begin(), before = words(painter);
        location.hash = '#drawing=nothing';
        await until(() => words(painter) === 'this link holds no drawing');
        location.hash = link;
        await until(() => asked.length);
        answer(painter, theirs);
        return words(painter) === before;
        """,
    )
    assert told is True


@pytest.mark.parametrize("keeps", [True, False])
def test_only_a_painter_that_opens_projects_hears_that_one_was_not_opened(stage, keeps) -> None:
    code = """
    const painter = begin();
    said.length = 0;
    unopened();
    return said;
    """
    first = drawing(PRESETS[0])
    told = stage(KEEPER + code, STREETS, SIZE, keeps=keeps, first=first)
    assert told == (["input"] if keeps else [])
