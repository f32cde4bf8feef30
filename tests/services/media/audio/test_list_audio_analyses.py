"""ListAudioAnalyses."""

import json
from dataclasses import replace

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.database import Database
from libs.errors import NotFound
from tests.services.media.builders import Api, Studio, caller


async def test_features_come_back_with_the_same_numbers(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    analyses = (await api(pb.ListAudioAnalysesRequest(video_id=made.video_id), who)).analyses

    assert [one.segment_index for one in analyses] == [0, 1]
    assert json.loads(analyses[0].features.json) == {"start": 0.0, "end": 5.0, "silence": False}
    assert b"5.0" in analyses[0].features.json
    assert b"-1.5" in analyses[1].features.json


async def test_a_page_of_analyses_is_a_part_of_them(api: Api, studio: Studio) -> None:
    who = caller()
    made = await studio.ready(who)

    last = await api(pb.ListAudioAnalysesRequest(video_id=made.video_id, limit=1, offset=1), who)
    beyond = await api(pb.ListAudioAnalysesRequest(video_id=made.video_id, offset=2), who)

    assert [one.segment_index for one in last.analyses] == [1]
    assert not beyond.analyses


async def test_a_video_without_sound_has_none(api: Api, database: Database, studio: Studio) -> None:
    who = caller()
    made = await Studio(database, replace(studio.findings, analyses=())).ready(who)

    assert not (await api(pb.ListAudioAnalysesRequest(video_id=made.video_id), who)).analyses


async def test_a_foreign_video_is_not_found(api: Api, studio: Studio) -> None:
    made = await studio.ready(caller())

    with pytest.raises(NotFound):
        await api(pb.ListAudioAnalysesRequest(video_id=made.video_id), caller())
