"""Videos: uploading, processing, and everything that is made from them.

Owns schema `media` (video_metadata, video_subtitle, video_capture_log, audio_analysis, subtitle_translation_log, the
queue of its worker), the objects under `<organization>/<user>/<video>/` of its bucket, the RPCs of orrery.media.v1 and
the topic orrery.media.videos.v1. Two deployables: `media` answers calls, relays events and turns them into jobs;
`media-worker` does the jobs. Calls no other service, and never touches a file that a client named.
"""
