"""docs/alerts.md tells the rules as they are."""

import re
from pathlib import Path

from domain.alert_rules import HIGH, MEDIUM, RAISE_AT, RULE_SET, RULES, WEIGHTS

TEXT = (Path(__file__).parents[2] / "docs" / "alerts.md").read_text("utf-8")
ROW = re.compile(r"^\| `(\w+)` \S.*? \| (\w+) \| (\d+) \| (\d*) ?\|", re.M)


def test_the_table_of_weights():
    rows = {
        name: (kind, int(full), int(part or full)) for name, kind, full, part in ROW.findall(TEXT)
    }
    assert rows == {str(rule): (str(RULES[rule][0]), *WEIGHTS[rule]) for rule in WEIGHTS}


def test_version_and_levels():
    assert f"rule set {RULE_SET}" in TEXT
    assert f"(高) from {HIGH}" in TEXT
    assert f"(中) from {MEDIUM}" in TEXT
    assert f"below {RAISE_AT} nobody is told" in TEXT


def test_the_sums_of_the_examples():
    sums = re.findall(r"\| ([\d +]+) = (\d+) \|", TEXT)
    assert len(sums) >= 5
    for terms, total in sums:
        assert sum(int(term) for term in terms.split("+")) == int(total)
