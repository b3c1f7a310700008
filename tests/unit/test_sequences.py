"""The true sequences of districts, whatever the sampling, the noise and the direction."""

import pytest
from sailing import (
    CANAL,
    HONGQI,
    JISHUI,
    LANLU,
    NOISE_M,
    TAIPU,
    WUSONG,
    YUHUI,
    Voyage,
    sail,
    sequence,
)

from domain.crossings import Crossing
from domain.rules import Rules
from layers.detection import Detector, FixArrays
from layers.geography import Geography

SEEDS = range(50)
TRUE = {
    TAIPU: ["320509", "310118", "330421", "310118"],
    CANAL: ["320506", "320509", "330411", "330402"],
    JISHUI: ["320509", "310118"],
    YUHUI: ["330421", "310118"],
    HONGQI: ["330421", "310118", "310117"],
    LANLU: ["310118", "310117", "310112", "outside"],
    WUSONG: [
        *("320509", "320506", "320583", "310118", "310114", "310118"),
        *("310112", "310114", "310112", "outside"),
    ],
}
GRAZING_PAIR = [("310117", "310118"), ("310118", "310117")]


@pytest.fixture(scope="module")
def detector() -> Detector:
    return Detector(Geography.builtin())


def fleet(name: str, voyage: Voyage, seeds: range) -> FixArrays:
    """One vessel per seed, MMSI 1 + seed, each sailing the whole waterway."""
    return FixArrays.joined([sail(name, voyage, seed, mmsi=seed + 1) for seed in seeds])


def per_vessel(crossings: list[Crossing], seeds: range) -> list[list[Crossing]]:
    return [[c for c in crossings if c.mmsi == seed + 1] for seed in seeds]


def true_sequence(name: str, back: bool) -> list[str]:
    return TRUE[name][::-1] if back else TRUE[name]


@pytest.mark.parametrize("back", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("step_s", [10, 60])
@pytest.mark.parametrize("name", TRUE)
def test_true_sequence_without_noise(
    detector: Detector, name: str, step_s: int, back: bool
) -> None:
    found = detector.run(sail(name, Voyage(step_s=step_s, back=back)), {})
    assert sequence(found.crossings) == true_sequence(name, back)
    assert not found.flags.any()


@pytest.mark.parametrize("back", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("step_s", [10, 60])
@pytest.mark.parametrize("name", TRUE)
def test_true_sequence_with_fifty_metres_of_noise_on_fifty_seeds(
    detector: Detector, name: str, step_s: int, back: bool
) -> None:
    voyage = Voyage(step_s=step_s, back=back, noise_m=NOISE_M)
    found = detector.run(fleet(name, voyage, SEEDS), {})
    assert not found.flags.any(), "50 m of noise is no jump"
    for crossings in per_vessel(found.crossings, SEEDS):
        assert sequence(crossings) == true_sequence(name, back)


@pytest.mark.parametrize("back", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("noise_m", [0.0, NOISE_M])
def test_hongqi_tang_has_one_extra_pair_and_it_is_grazing(
    detector: Detector, back: bool, noise_m: float
) -> None:
    seeds = SEEDS if noise_m else range(1)
    found = detector.run(fleet(HONGQI, Voyage(back=back, noise_m=noise_m), seeds), {})
    for crossings in per_vessel(found.crossings, seeds):
        extra = [(c.from_adcode, c.to_adcode) for c in crossings if c.grazing]
        assert extra == GRAZING_PAIR


def test_no_other_waterway_grazes(detector: Detector) -> None:
    for name in TRUE.keys() - {HONGQI}:
        found = detector.run(sail(name, Voyage()), {})
        assert not any(c.grazing for c in found.crossings)


@pytest.mark.parametrize("back", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("step_s", [10, 60])
def test_jishui_gang_passes_through_kunshan(detector: Detector, step_s: int, back: bool) -> None:
    voyage = Voyage(step_s=step_s, back=back, noise_m=NOISE_M)
    for crossing in detector.run(fleet(JISHUI, voyage, SEEDS), {}).crossings:
        assert crossing.via == ("320583",)


@pytest.mark.parametrize("speed_kmh", [6.0, 8.0, 12.0])
@pytest.mark.parametrize("name", TRUE)
def test_speed_does_not_change_the_answer(detector: Detector, name: str, speed_kmh: float) -> None:
    seeds = range(4)
    voyage = Voyage(step_s=30, speed_kmh=speed_kmh, noise_m=NOISE_M)
    for crossings in per_vessel(detector.run(fleet(name, voyage, seeds), {}).crossings, seeds):
        assert sequence(crossings) == TRUE[name]


@pytest.mark.parametrize("step_s", [2, 20, 120])
@pytest.mark.parametrize("name", [TAIPU, HONGQI, CANAL, JISHUI])
def test_sampling_does_not_change_the_answer(detector: Detector, name: str, step_s: int) -> None:
    seeds = range(4)
    voyage = Voyage(step_s=step_s, noise_m=NOISE_M)
    for crossings in per_vessel(detector.run(fleet(name, voyage, seeds), {}).crossings, seeds):
        assert sequence(crossings) == TRUE[name]


@pytest.mark.parametrize(
    "rules",
    [
        Rules(stay_area_ha=11.0),
        Rules(stay_area_ha=18.0),
        Rules(noise_m=35.0),
        Rules(noise_m=60.0),
        Rules(border_water_m=250.0),
        Rules(border_water_m=350.0),
        Rules(dwell_s=2700.0),
        Rules(depth_fixes=1),
        Rules(depth_fixes=9),
    ],
    ids=repr,
)
def test_parameters_are_not_on_an_edge(rules: Rules) -> None:
    """Each may move by a quarter and more, and the noisy sequences still hold."""
    tried, seeds = Detector(Geography.builtin(), rules), range(3)
    for name in (TAIPU, HONGQI, CANAL, JISHUI):
        for back in (False, True):
            voyage = Voyage(step_s=30, back=back, noise_m=NOISE_M)
            for crossings in per_vessel(tried.run(fleet(name, voyage, seeds), {}).crossings, seeds):
                assert sequence(crossings) == true_sequence(name, back)


@pytest.mark.parametrize("back", [False, True], ids=["down", "up"])
@pytest.mark.parametrize("name", sorted(TRUE.keys() - {CANAL}))
def test_sequences_do_not_hang_on_the_gates(name: str, back: bool) -> None:
    """Only the canal needs one: its last 885 m, 337 m inside at most, end in border water."""
    packaged = Geography.builtin()
    without = Detector(Geography(packaged.districts, packaged.waterways))
    voyage, seeds = Voyage(step_s=10, back=back, noise_m=NOISE_M), range(10)
    for crossings in per_vessel(without.run(fleet(name, voyage, seeds), {}).crossings, seeds):
        assert sequence(crossings) == true_sequence(name, back)
