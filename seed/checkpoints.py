"""Where the simulated checkpoints stand: eight gates of Wujiang, nineteen points of Jiashan.

Positions are invented and lie on the schematic centrelines, so they are as uncertain as these. The
gate by Zhouzhuang stands in the half kilometre of Kunshan between Qingpu and Wujiang: border water
of all three, 260 m beyond the border of Qingpu.
"""

from functools import cache

import numpy as np

from domain.checkpoints import Checkpoint, System
from seed.registers import table
from seed.waterway_graph import Floats, to_metres
from seed.world import M_PER_DEG_LAT, M_PER_DEG_LON

ZHOUZHUANG = "wj-01"
"""The gate that the lead case passes."""


@cache
def checkpoints() -> tuple[Checkpoint, ...]:
    """All points, Wujiang's first. A gate of Wujiang calls the way into Wujiang forth."""
    return tuple(
        Checkpoint(
            checkpoint_id=row["checkpoint_id"],
            system=System(row["system"]),
            name=row["name"],
            name_en=row["name_en"],
            lon=float(row["lon"]),
            lat=float(row["lat"]),
            bearing_deg=float(row["bearing_deg"]),
            width_m=float(row["width_m"]),
            waterway=row["waterway"],
            adcode=row["adcode"],
            every_s=int(row["every_s"]),
        )
        for row in table("checkpoints.csv")
    )


def gate_lines(points: tuple[Checkpoint, ...]) -> Floats:
    """The line of each checkpoint across its channel: (n, 2, 2) metres in EPSG:32651, from the
    port to the starboard side of a vessel that passes forth."""
    bearing = np.radians([point.bearing_deg for point in points])
    half = np.array([point.width_m for point in points]) / 2
    east, north = np.cos(bearing) * half, -np.sin(bearing) * half
    lon = np.array([point.lon for point in points])
    lat = np.array([point.lat for point in points])
    ends = [
        to_metres(
            np.column_stack([lon + side * east / M_PER_DEG_LON, lat + side * north / M_PER_DEG_LAT])
        )
        for side in (-1.0, 1.0)
    ]
    return np.stack(ends, axis=1)
