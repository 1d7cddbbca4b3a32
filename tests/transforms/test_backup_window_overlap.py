"""backup-window-overlap: windows, and where they are moved."""

import pytest
from driver import only_patch, patches

from fixer.cloudformation.intrinsics import mapping
from fixer.model import Json, Tier
from fixer.transforms.rds.backup_window_overlap import TRANSFORM
from fixer.transforms.rds.backup_windows import Window, daily, weekly


@pytest.mark.parametrize(
    ("first", "second", "overlap"),
    [
        ("03:00-04:00", "03:00-04:00", True),
        ("03:00-04:00", "04:00-05:00", False),
        ("03:00-04:00", "02:00-03:00", False),
        ("23:30-00:30", "00:00-01:00", True),
        ("23:30-00:30", "00:30-01:00", False),
        ("22:00-23:30", "23:29-23:59", True),
        ("00:00-00:00", "12:00-12:30", True),
        ("01:00-05:00", "02:00-02:30", True),
    ],
)
def test_windows_overlap_across_midnight_too(first: str, second: str, overlap: bool) -> None:
    one, other = daily(first), daily(second)
    assert one is not None and other is not None
    assert one.overlaps(other) is overlap
    assert other.overlaps(one) is overlap


@pytest.mark.parametrize("text", ["3:00-4:00", "24:00-01:00", "03:00", "mon:03:00-mon:04:00", "", None, 3])
def test_what_is_no_window(text: Json) -> None:
    assert daily(text) is None


@pytest.mark.parametrize(
    ("text", "window"),
    [
        ("mon:04:00-mon:05:00", Window(240, 60)),
        ("Sun:23:30-Mon:00:30", Window(1410, 60)),
        ("sat:01:00-mon:01:00", Window(60, 1440)),
        ("funday:01:00-mon:02:00", None),
    ],
)
def test_maintenance_takes_up_minutes_of_any_day(text: str, window: Window | None) -> None:
    assert weekly(text) == window


def test_a_moved_window_keeps_its_length_or_gets_thirty_minutes() -> None:
    assert str(Window(60, 90).earlier(120)) == "23:00-00:30"
    assert str(Window(180, 15).earlier(120)) == "01:00-01:30"


def _cluster(window: Json, **more: Json) -> Json:
    properties: Json = {
        "Engine": "aurora-mysql",
        "GlobalClusterIdentifier": "g",
        "PreferredBackupWindow": window,
        **more,
    }
    return {"Type": "AWS::RDS::DBCluster", "Properties": properties}


def _stack(primary: Json, secondary: Json, **more: Json) -> dict[str, Json]:
    resources: Json = {"Primary": _cluster(primary, MasterUsername="a"), "Secondary": _cluster(secondary)}
    return {"Resources": resources, **more}


def test_it_is_safe_and_moves_two_hours_earlier() -> None:
    patch = only_patch(TRANSFORM, _stack("03:00-04:00", "03:30-04:30"))
    assert patch.tier is Tier.SAFE
    assert patch.files["stack.json"][-1] == {
        "op": "replace", "path": "/Resources/Secondary/Properties/PreferredBackupWindow", "value": "01:30-02:30"
    }  # fmt: skip


def test_it_clears_maintenance_and_other_databases() -> None:
    data = _stack("03:00-04:00", "03:00-04:00")
    resources = mapping(data["Resources"])
    resources["Secondary"] = _cluster("03:00-04:00", PreferredMaintenanceWindow="tue:01:15-tue:01:45")
    resources["Reports"] = {
        "Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "mysql", "PreferredBackupWindow": "00:00-00:30"}
    }  # fmt: skip
    patch = only_patch(TRANSFORM, data)
    assert patch.files["stack.json"][-1]["value"] == "23:00-00:00"


FIND: Json = {"Fn::FindInMap": ["Windows", "all", "backup"]}


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (
            _stack({"Ref": "W"}, {"Ref": "W"}, Parameters={"W": {"Type": "String", "Default": "03:00-04:00"}}),
            "others also take their window from W",
        ),
        (
            _stack(
                "03:00-04:00", {"Ref": "W"},
                Parameters={"W": {"Type": "String", "Default": "03:00-04:00", "AllowedValues": ["03:00-04:00"]}},
            ),
            "W does not allow 01:00-02:00",
        ),
        (
            _stack(FIND, FIND, Mappings={"Windows": {"all": {"backup": "03:00-04:00"}}}),
            "others also take their window from the mapping Windows",
        ),
        (_stack("00:00-00:00", "03:00-04:00"), "the day has no free time"),
    ],
)  # fmt: skip
def test_what_cannot_be_moved_alone_gets_no_patch(data: Json, told: str) -> None:
    patch = only_patch(TRANSFORM, data)
    assert not patch.files
    assert told in patch.reason


@pytest.mark.parametrize(
    "data",
    [
        _stack({"Ref": "W"}, "03:00-04:00", Parameters={"W": {"Type": "String"}}),
        _stack("03:00-04:00", "05:00-06:00"),
        {
            "Resources": {
                "A": _cluster("03:00-04:00", MasterUsername="a"),
                "B": _cluster("03:00-04:00", MasterUsername="b"),
            }
        },
    ],
)
def test_what_is_no_finding(data: Json) -> None:
    assert not patches(TRANSFORM, data)
