"""Can one hull have sent both fixes? Jumps, and two hulls under one number.

The accepted track is followed; a place out of its reach is a rival. A rival that lasts while the
track is silent takes over, without any crossing; one that lasts while it is heard too is a clone.
"""

import math

from domain.positions import FixFlag
from domain.rules import Rules
from domain.sightings import Seen, metres_between
from domain.tracks import Rival, Spot, VesselState


def _reach(spot: Spot, seen: Seen, rules: Rules) -> float:
    """How much of the possible way was needed; above 1 the fix is out of reach."""
    possible = rules.allowance_m
    possible += (seen.spot.t - spot.t) * rules.speed_ms
    return metres_between(spot, seen.spot) / possible


def placed(state: VesselState, seen: Seen, rules: Rules) -> FixFlag:
    """Why a fix cannot belong to the accepted track, or no flag; keeps the rival place.

    Late fixes never come here: `seen` is newer than everything the state has seen.
    """
    needed, rival = _reach(state.spot, seen, rules), state.rival
    rival_needed = _reach(rival.spot, seen, rules) if rival else math.inf
    if needed <= 1.0 and needed <= rival_needed:
        if rival:
            rival.contested |= rival.count > 0
            rival.count = 0
            if seen.spot.t - rival.spot.t > rules.clone_silence_s:
                state.rival = None
        return FixFlag.NONE
    if rival is None or rival_needed > 1.0:
        state.rival = Rival(seen.spot, contested=bool(rival and rival.contested))
        return FixFlag.JUMP
    rival.spot, rival.count = seen.spot, rival.count + 1
    silent = seen.spot.t - state.spot.t > rules.clone_silence_s
    if rival.count >= rules.rejoin_fixes and (silent or not rival.contested):
        _move_over(state, seen)
        return FixFlag.NONE
    return FixFlag.CLONE if rival.contested else FixFlag.JUMP


def _move_over(state: VesselState, seen: Seen) -> None:
    """Take the rival place as the vessel's own: no crossing follows from a jump.

    The place left is the rival now. Coming back to a place once left says that there are two.
    """
    again = state.rival is not None and (state.rival.left or state.rival.contested)
    state.rival = Rival(state.spot, count=0, contested=again, left=True)
    state.stays, state.gates = [], {}
    state.shallow = False
    if state.district != seen.district:
        state.district = None
    state.spot, state.here, state.depth_m = seen.spot, seen.district, seen.depth_m
