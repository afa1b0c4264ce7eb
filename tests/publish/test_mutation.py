"""The mutation test finds sentences that nothing guards, and the example has none."""

import shutil
from dataclasses import replace

import pytest

from barograph.publish.claims import judge, kinds, read_claims
from barograph.publish.release import Release
from barograph.publish.release.facts import facts
from barograph.publish.release.moved import Figure, moved
from barograph.publish.release.mutation import LEAST_RATE, contrary, mutate, sentences_of

GUARD = '{% claim "relevance_urban_more" %}'
WRONG = '{% claim "priority_environment_ahead" %}'


@pytest.fixture(scope="module")
def claims(wave):
    barometer = wave.barometer
    return read_claims(wave.folder / "claims.toml", barometer.indicators, barometer.domains)


def of_perception(claims):
    """Claims on relevance and one other: enough to try a text, and quick."""
    wanted = {"relevance_varies_region", "priority_environment_ahead"}
    return {n: c for n, c in claims.items() if c.type == "more" or n in wanted}


@pytest.fixture
def spoilt(wave, claims, tmp_path):
    """The English text of relevance alone, changed by `edit`."""

    class Elsewhere(Release):
        @property
        def path(self):
            return tmp_path / "release.en.md"

    def text(edit, checked=True):
        shutil.copy(wave.folder / "release.en.md", tmp_path)
        release = Elsewhere(wave, "en", judge(wave, of_perception(claims)), facts(wave, "en"))
        whole = release.path.read_text()
        part = whole[whole.index("{% block relevance %}") : whole.index("{% block opportunity")]
        release.path.write_text(edit(part))
        if not checked:
            release.__dict__["_checked"] = release.template
        return release

    return text


def test_every_false_sentence_of_the_example_is_stopped(wave, claims):
    verdicts = judge(wave, claims)
    releases = [Release(wave, lang, verdicts, facts(wave, lang)) for lang in ("nl", "fr")]
    tally = mutate(wave, claims, releases, beyond=(5.0,))
    assert tally.survivors == []
    assert tally.rate >= LEAST_RATE
    assert tally.flipped.total() >= 80
    for name in ("relevance_urban_more", "aspect_human_first", "unit_none", "strategy_minority"):
        assert tally.flipped[name] > 0, name


def test_a_sound_text_has_no_survivors(wave, claims, spoilt):
    tally = mutate(wave, of_perception(claims), [spoilt(lambda text: text)])
    assert tally.rate == 1
    assert tally.flipped["relevance_urban_more"] > 0


def test_a_sentence_under_the_wrong_claim_survives(wave, claims, spoilt):
    release = spoilt(lambda text: text.replace(GUARD, WRONG))
    tally = mutate(wave, of_perception(claims), [release])
    assert any("Urban municipalities do so more often" in s for s in tally.survivors)
    assert tally.rate < LEAST_RATE


def test_a_sentence_without_guard_survives(wave, claims, spoilt):
    """Its words and figures tell what it says; the lint, which would refuse it, is off."""

    def unguarded(text):
        end = text.index("{% endclaim %}")
        fallback = text.index("{% fallback %}")
        return text[:fallback].replace(GUARD, "") + text[end + len("{% endclaim %}") :]

    tally = mutate(wave, of_perception(claims), [spoilt(unguarded, checked=False)])
    assert any("en still says: Urban municipalities do so more" in s for s in tally.survivors)


def test_a_test_that_always_holds_is_found(wave, claims, spoilt, monkeypatch):
    more = kinds.TYPES["more"]
    broken = replace(more, test=lambda asked: replace(more.test(asked), supported=True, p=0.0))
    monkeypatch.setitem(kinds.TYPES, "more", broken)
    tally = mutate(wave, of_perception(claims), [spoilt(lambda text: text)])
    assert any("Urban municipalities do so more often" in s for s in tally.survivors)


@pytest.mark.parametrize(
    ("word", "wrong"), [("more", False), ("less", True), ("more or less as", False)]
)
def test_a_word_against_its_figures_is_told(wave, spoilt, word, wrong):
    """Urban 77% against rural 34%; the lint, which would refuse "less", is off."""
    release = spoilt(lambda text: text.replace("more often", f"{word} often"), checked=False)
    told = [s.text for s in sentences_of(release) if contrary(wave, s)]
    assert [t.startswith("Urban municipalities do so") for t in told] == [True] * wrong


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize(
    ("name", "key", "domain"),
    [
        ("relevance", "p_relevance", {"rurality": "rural"}),
        ("priority", "environment", {}),
        ("difficulty", "budget", {}),
        ("involvement", "a_inv_mayor", {}),
        ("manager_total", "s_manager", {"region": "wallonia"}),
    ],
)
def test_a_figure_moves_just_beyond_its_target(wave, name, key, domain, sign):
    figure = Figure(wave.barometer.indicators[name], key, domain)
    value, low, high = figure.spread(wave)
    target = high if sign > 0 else low
    after = figure.spread(moved(wave, figure, target, sign))[0]
    assert sign * (after - target) >= 0
    assert abs(after - target) < 0.2 * max(abs(target - value), 0.2)
    assert figure.spread(wave)[0] == value


def test_all_that_rests_on_the_answers_moves_along(wave):
    indicators = wave.barometer.indicators
    one = Figure(indicators["strategy"], "dedicated", {})
    both = Figure(indicators["any_strategy"], "s_form", {})
    mutant = moved(wave, one, 0.3, 1)
    parts = sum(
        Figure(indicators["strategy"], k, {}).spread(mutant)[0] for k in ("dedicated", "general")
    )
    assert both.spread(mutant)[0] == pytest.approx(parts)
    assert both.spread(mutant)[0] > both.spread(wave)[0]


def test_sentences_know_their_claims_and_figures(wave, claims):
    release = Release(wave, "en", judge(wave, claims), facts(wave, "en"))
    found = {s.text: s for s in sentences_of(release)}
    urban = next(s for t, s in found.items() if t.startswith("Urban municipalities do so"))
    assert urban.guards == (("relevance_urban_more",),)
    assert [i.rsplit(".", 1)[1] for i in urban.shown] == ["rurality=urban", "rurality=rural"]
    assert "above" in urban.kinds
    steers = next(s for t, s in found.items() if "most often steers" in t)
    assert steers.guards == (("steer_top_three", "steer_college_first"),)
