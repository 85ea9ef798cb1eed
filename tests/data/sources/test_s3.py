"""S3-compatible storage: from allowed buckets and the configured endpoint only, without a secret in any sentence."""

from __future__ import annotations

import pandas as pd
import pytest

from automl.data import sources
from automl.data.read import read_table, read_with_report
from automl.data.sources import s3
from automl.errors import DataError
from tests.data.sources.s3_server import KEY, SECRET, s3_server


@pytest.fixture
def storage(monkeypatch):
    with s3_server() as started:
        for name, value in {
            "FORETABLE_S3_BUCKETS": "shop, other-bucket", "FORETABLE_S3_KEY": KEY, "FORETABLE_S3_SECRET": SECRET,
            "FORETABLE_S3_ENDPOINT": f"http://127.0.0.1:{started.port}",
        }.items():  # fmt: skip
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(s3, "ATTEMPTS", 1)
        yield started


def test_objects_of_several_formats_are_read(storage, tmp_path) -> None:
    storage.objects["shop/2024/may sales.csv"] = b"id;price\n1;1,5\n2;2,5\n"
    frame, report = read_with_report("s3://shop/2024/may sales.csv")
    assert frame["price"].tolist() == [1.5, 2.5]
    assert report.options["source"]["location"] == "s3://shop/2024/may sales.csv"
    assert report.notes[1].message.startswith("Fetched from s3://shop/2024/may sales.csv on 20")
    large = pd.DataFrame({"n": range(400_000), "x": [i / 7 for i in range(400_000)]})
    large.to_parquet(tmp_path / "t", compression=None)
    storage.objects["other-bucket/t.parquet"] = (tmp_path / "t").read_bytes()
    told = []
    found = sources.fetch("s3://other-bucket/t.parquet", tmp_path, told.append)
    assert found.path.read_bytes() == storage.objects["other-bucket/t.parquet"] and found.name == "t.parquet"
    assert told == sorted(told) and told[-1] == 1.0 and len(told) > 1


@pytest.mark.parametrize(
    ("location", "sentence"),
    [
        ("s3://shop/gone.csv", "There is no object 's3://shop/gone.csv'"),
        ("s3://secrets/x.csv", "FORETABLE_S3_BUCKETS allows 'shop' and 'other-bucket'"),
        ("s3://shop/../secrets/x.csv", "empty parts or"),
        ("s3://shop//x.csv", "empty parts or"),
        ("s3://shop/", "no path of an object"),
        ("s3://shop", "no path of an object"),
        ("s3://", "no path of an object"),
        ("s3://user:pw@169.254.169.254/latest", "no path of an object"),
        ("s3://127.0.0.1:80/x", "no path of an object"),
        ("s3://shop?endpoint_override=evil/x.csv", "no path of an object"),
        ("s3://sh\nop/x.csv", "no path of an object"),
    ],
)
def test_what_is_refused(storage, location, sentence) -> None:
    with pytest.raises(DataError, match=sentence):
        read_table(location)
    assert all(asked.split()[1].startswith("shop") for asked in storage.asked)


def test_wrong_credentials_are_a_sentence_without_them(storage, monkeypatch) -> None:
    storage.objects["shop/t.csv"] = b"a\n1\n"
    monkeypatch.setenv("FORETABLE_S3_KEY", "AKIAWRONG")
    with pytest.raises(DataError, match="may not be read with the credentials of this server") as caught:
        read_table("s3://shop/t.csv")
    assert SECRET not in str(caught.value) and "AKIA" not in str(caught.value)
    assert caught.value.__cause__ is None


def test_storage_that_does_not_answer_is_a_sentence(storage, monkeypatch) -> None:
    monkeypatch.setenv("FORETABLE_S3_ENDPOINT", "http://127.0.0.1:1")
    with pytest.raises(DataError, match="can't be reached"):
        read_table("s3://shop/t.csv")


def test_without_the_setting_it_is_explained(monkeypatch) -> None:
    monkeypatch.delenv("FORETABLE_S3_BUCKETS", raising=False)
    with pytest.raises(DataError, match="Set FORETABLE_S3_BUCKETS to the buckets"):
        read_table("s3://shop/t.csv")
