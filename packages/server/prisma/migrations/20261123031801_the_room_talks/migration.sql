-- CreateEnum
CREATE TYPE "chat_audience" AS ENUM ('all', 'side');

-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "cleared_seq" INTEGER NOT NULL DEFAULT 0,
ADD COLUMN     "seq" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "sessions" ADD COLUMN     "person_id" TEXT;

-- CreateTable
CREATE TABLE "chat_messages" (
    "id" TEXT NOT NULL,
    "room_id" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "client_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "author_name" TEXT NOT NULL,
    "author_role" "seat_role" NOT NULL,
    "audience" "chat_audience" NOT NULL,
    "text" TEXT NOT NULL,
    "mentions" JSONB NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,
    "edited_at" TIMESTAMPTZ(3),
    "deleted_at" TIMESTAMPTZ(3),

    CONSTRAINT "chat_messages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "room_bans" (
    "id" TEXT NOT NULL,
    "room_id" TEXT NOT NULL,
    "person_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "by" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "room_bans_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "chat_messages_room_id_at_idx" ON "chat_messages"("room_id", "at");

-- CreateIndex
CREATE UNIQUE INDEX "chat_messages_room_id_seq_key" ON "chat_messages"("room_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "chat_messages_room_id_person_id_client_id_key" ON "chat_messages"("room_id", "person_id", "client_id");

-- CreateIndex
CREATE UNIQUE INDEX "room_bans_room_id_person_id_key" ON "room_bans"("room_id", "person_id");

-- AddForeignKey
ALTER TABLE "chat_messages" ADD CONSTRAINT "chat_messages_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "room_bans" ADD CONSTRAINT "room_bans_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;
