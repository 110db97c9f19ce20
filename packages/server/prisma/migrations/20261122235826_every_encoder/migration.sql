-- CreateEnum
CREATE TYPE "recording_state" AS ENUM ('recording', 'finalising', 'ready', 'broken');

-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "auto_record" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "srt_encrypted" BOOLEAN NOT NULL DEFAULT true;

-- CreateTable
CREATE TABLE "recordings" (
    "id" TEXT NOT NULL,
    "room_id" TEXT NOT NULL,
    "take_id" TEXT,
    "name" TEXT NOT NULL,
    "state" "recording_state" NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),
    "duration_ms" INTEGER NOT NULL DEFAULT 0,
    "bytes" BIGINT NOT NULL DEFAULT 0,
    "problem" TEXT,
    "codec" TEXT,
    "width" INTEGER,
    "height" INTEGER,
    "has_thumbnail" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "recordings_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "recordings_room_id_started_at_idx" ON "recordings"("room_id", "started_at");

-- CreateIndex
CREATE INDEX "recordings_state_idx" ON "recordings"("state");

-- AddForeignKey
ALTER TABLE "recordings" ADD CONSTRAINT "recordings_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;
