"""GetPlaylist; that it plays is tested with what really was processed (test_processing)."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from orrery.media.v1 import videos_pb2 as pb

from libs.errors import Conflict, NotFound, Unavailable
from services.media.videos import playlists
from services.media.videos.playlists import Playlists
from tests.services.media.builders import Api, Studio, caller


def asked(video_id: int) -> pb.GetPlaylistRequest:
    return pb.GetPlaylistRequest(video_id=video_id)


async def test_a_video_that_is_not_ready_has_no_playlist(api: Api, studio: Studio) -> None:
    who = caller()
    video = await studio.processing(who)

    with pytest.raises(Conflict, match="it is processing") as refused:
        await api(asked(video.video_id), who)

    assert refused.value.reason == "NOT_READY"


async def test_a_foreign_video_is_not_found(api: Api, studio: Studio) -> None:
    video = await studio.ready(caller())

    with pytest.raises(NotFound):
        await api(asked(video.video_id), caller())


async def test_a_playlist_that_has_just_been_removed_is_not_found(api: Api, studio: Studio) -> None:
    who = caller()
    video = await studio.ready(who)  # the studio uploads nothing

    with pytest.raises(NotFound):
        await api(asked(video.video_id), who)


async def test_while_the_store_is_away_it_is_unavailable(api_without_store: Api, studio: Studio) -> None:
    who = caller()
    video = await studio.ready(who)

    with pytest.raises(Unavailable):
        await api_without_store(asked(video.video_id), who)


@dataclass
class Shelf:
    """A store with one playlist under every key, that counts readings and keeps how long its URLs live."""

    playlist: str = '#EXTM3U\n#EXT-X-MAP:URI="360p_init.mp4"\n#EXTINF:4,\n360p_00000.m4s\n#EXT-X-ENDLIST\n'
    read_keys: list[str] = field(default_factory=list)
    lives: set[timedelta] = field(default_factory=set)

    async def read(self, key: str) -> bytes:
        self.read_keys.append(key)
        return self.playlist.encode()

    def presign_get(self, key: str, expires: timedelta) -> str:
        self.lives.add(expires)
        return f"http://store/{key}?signed"


async def test_every_file_of_a_playlist_is_signed_for_as_long_as_watching_takes() -> None:
    shelf = Shelf()

    text = await Playlists(shelf).signed("a/hls/360p.m3u8", 7200)

    assert 'URI="http://store/a/hls/360p_init.mp4?signed"' in text
    assert "\nhttp://store/a/hls/360p_00000.m4s?signed\n" in text
    assert shelf.lives == {timedelta(hours=5)}


async def test_a_playlist_is_read_once_while_it_is_fresh() -> None:
    shelf, now = Shelf(), 0.0
    kept = Playlists(shelf, clock=lambda: now)

    await kept.signed("a/hls/360p.m3u8", 1)
    await kept.signed("a/hls/360p.m3u8", 1)
    now = playlists.FRESH_SECONDS + 1
    await kept.signed("a/hls/360p.m3u8", 1)

    assert len(shelf.read_keys) == 2


async def test_what_is_kept_has_a_bound() -> None:
    shelf = Shelf(playlist="#EXTM3U\n" + "#" * (playlists.MOST_BYTES // 2))
    kept = Playlists(shelf)

    for name in ("a", "b", "b", "a"):
        await kept.signed(f"{name}/hls/360p.m3u8", 1)

    assert [key[0] for key in shelf.read_keys] == ["a", "b", "a"]


async def test_a_name_that_leaves_its_folder_is_not_signed() -> None:
    with pytest.raises(ValueError, match="cannot be part"):
        await Playlists(Shelf(playlist="#EXTM3U\n../../other/source\n")).signed("a/hls/360p.m3u8", 1)
