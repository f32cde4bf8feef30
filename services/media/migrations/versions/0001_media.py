"""Videos and what is made of them; the outbox, the inbox and the queue.

The media tables: specified columns first, what is added after them. Cross-schema references are plain ids.
"""

from alembic import op

from libs.inbox import DDL as INBOX
from libs.jobs import DDL as JOBS
from libs.outbox import DDL as OUTBOX

revision, down_revision = "0001", None

# The second reference of each child keeps it in its video's organization.
TABLES = """
CREATE TABLE video_metadata (
    video_id BIGSERIAL PRIMARY KEY,
    user_id BIGINT NOT NULL,
    title VARCHAR(255) NOT NULL,
    description TEXT,
    upload_path TEXT NOT NULL,
    thumbnail_path TEXT,
    duration_seconds INT,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID NOT NULL,
    status TEXT NOT NULL DEFAULT 'uploading'
        CONSTRAINT ck_video_metadata_status CHECK (status IN ('uploading', 'processing', 'ready', 'failed')),
    visibility TEXT NOT NULL DEFAULT 'private'
        CONSTRAINT ck_video_metadata_visibility CHECK (visibility IN ('private', 'organization', 'public')),
    size_bytes BIGINT NOT NULL,
    content_type TEXT NOT NULL,
    etag TEXT,
    failure_reason TEXT,
    playlist_path TEXT,
    duration_ms BIGINT,
    width INT,
    height INT,
    CONSTRAINT uq_video_metadata_organization_id_video_id UNIQUE (organization_id, video_id)
);
CREATE TABLE video_subtitle (
    subtitle_id BIGSERIAL PRIMARY KEY,
    video_id BIGINT NOT NULL REFERENCES video_metadata (video_id) ON DELETE CASCADE,
    language_code VARCHAR(10) NOT NULL,
    subtitle_path TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    updated_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID NOT NULL,
    UNIQUE (video_id, language_code),
    FOREIGN KEY (organization_id, video_id) REFERENCES video_metadata (organization_id, video_id) ON DELETE CASCADE
);
CREATE TABLE video_capture_log (
    capture_id BIGSERIAL PRIMARY KEY,
    video_id BIGINT NOT NULL REFERENCES video_metadata (video_id),
    timestamp_seconds INT NOT NULL,
    capture_image_path TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID NOT NULL,
    timestamp_ms BIGINT NOT NULL,
    UNIQUE (video_id, timestamp_ms),
    FOREIGN KEY (organization_id, video_id) REFERENCES video_metadata (organization_id, video_id)
);
CREATE TABLE audio_analysis (
    analysis_id BIGSERIAL PRIMARY KEY,
    video_id BIGINT NOT NULL REFERENCES video_metadata (video_id),
    segment_index INT NOT NULL,
    features JSONB NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID NOT NULL,
    UNIQUE (video_id, segment_index),
    FOREIGN KEY (organization_id, video_id) REFERENCES video_metadata (organization_id, video_id)
);
CREATE TABLE subtitle_translation_log (
    id BIGSERIAL PRIMARY KEY,
    video_id BIGINT NOT NULL REFERENCES video_metadata (video_id),
    src_language VARCHAR(10) NOT NULL,
    dst_language VARCHAR(10) NOT NULL,
    translation_path TEXT NOT NULL,
    created_at TIMESTAMPTZ NOT NULL DEFAULT NOW(),
    organization_id UUID NOT NULL,
    FOREIGN KEY (organization_id, video_id) REFERENCES video_metadata (organization_id, video_id)
);
"""

# A person's own list; others' lists of what is public; uploads that were never completed; children of a video.
INDEXES = """
CREATE INDEX ix_video_metadata_own ON video_metadata (organization_id, user_id, video_id DESC);
CREATE INDEX ix_video_metadata_public ON video_metadata (user_id, video_id DESC)
    WHERE visibility = 'public' AND status = 'ready';
CREATE INDEX ix_video_metadata_uploading ON video_metadata (created_at) WHERE status = 'uploading';
CREATE INDEX ix_subtitle_translation_log_video_id ON subtitle_translation_log (video_id);
"""

ORGANIZATION = "organization_id = nullif(current_setting('app.organization_id', true), '')::uuid"
USER = "user_id = nullif(current_setting('app.user_id', true), '')::bigint"
SYSTEM = "current_setting('app.system', true) = 'on'"
OWN = f"{ORGANIZATION} OR {SYSTEM}"

# A video is seen by its owner, by its organization when it is shared, by everybody when it is public and ready. What
# belongs to it is seen with it. Writing stays inside the organization; that the owner writes, the operations see to.
VIDEO_WALL = f"""
ALTER TABLE video_metadata ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY reads ON video_metadata FOR SELECT USING (
    ({ORGANIZATION} AND ({USER} OR visibility <> 'private'))
    OR (visibility = 'public' AND status = 'ready')
    OR {SYSTEM}
);
CREATE POLICY inserts ON video_metadata FOR INSERT WITH CHECK ({OWN});
CREATE POLICY updates ON video_metadata FOR UPDATE USING ({OWN}) WITH CHECK ({OWN});
CREATE POLICY deletes ON video_metadata FOR DELETE USING ({OWN});
"""
CHILD_WALL = f"""
ALTER TABLE {{table}} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON {{table}} USING ({OWN}) WITH CHECK ({OWN});
CREATE POLICY reads ON {{table}} FOR SELECT
    USING (EXISTS (SELECT FROM video_metadata video WHERE video.video_id = {{table}}.video_id));
"""  # noqa: S608  # made of constants
CHILDREN = ("video_subtitle", "video_capture_log", "audio_analysis", "subtitle_translation_log")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    walls = (VIDEO_WALL, *(CHILD_WALL.format(table=table) for table in CHILDREN))
    for statements in (TABLES, INDEXES, *walls, OUTBOX, INBOX, JOBS):
        op.execute(statements)
