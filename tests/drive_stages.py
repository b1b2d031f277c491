"""Run every stage of map-faults with a stand-in predictor, on worker processes, and say what it took.

Started by a test under limits of memory; prints the peak memory of the driver in bytes.
"""

import os
import sys
from pathlib import Path

from deploy.cluster import connect
from flows.report.faults import write_report
from storage.segy.checklist import Title
from tasks.export import export
from tasks.infer import infer
from tasks.ingest import ingest
from tasks.plan import plan
from tasks.scan import scan_survey
from tasks.summary import facts_of
from tests.flows.running import high_water
from tests.stand_in import StandIn


def main(survey_path: Path, out: Path, worker_memory: str) -> None:
    network, identity = StandIn(), {"survey": "large"}
    volume, faults = out / "volume.zarr", out / "faults.zarr"
    survey = scan_survey(survey_path)
    tiling = plan(survey.geometry, network.facts, 200 << 20).tiling
    with connect(workers=2, worker_memory=worker_memory) as client:
        ingest(survey, volume, identity=identity, client=client)
        infer(
            volume, faults, network, identity=identity, tiling=tiling, threshold=0.5, client=client
        )
        title = Title("Fault probability", "large", "stand-in", "0 to 1")
        path = out / "faults.sgy"
        export(faults, "fault_probability", path, title, identity=identity, client=client)
    found = facts_of(survey.geometry, faults)
    facts = {"title": "large", "threshold": 0.5, "found": found, "timings": {}, "warnings": []}
    write_report(out / "report.html", volume, faults, facts)
    sys.stdout.write(f"{high_water(os.getpid())}\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
