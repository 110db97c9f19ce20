-- CreateEnum
CREATE TYPE "playout" AS ENUM ('lowest', 'smooth');

-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "playout" "playout" NOT NULL DEFAULT 'lowest',
ADD COLUMN     "universal" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "call_names" (
    "room_id" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "call_names_pkey" PRIMARY KEY ("room_id")
);

-- CreateTable
CREATE TABLE "bus_messages" (
    "id" BIGSERIAL NOT NULL,
    "text" TEXT NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "bus_messages_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "call_names_name_key" ON "call_names"("name");

-- CreateIndex
CREATE INDEX "bus_messages_at_idx" ON "bus_messages"("at");

-- AddForeignKey
ALTER TABLE "call_names" ADD CONSTRAINT "call_names_room_id_fkey" FOREIGN KEY ("room_id") REFERENCES "rooms"("id") ON DELETE CASCADE ON UPDATE CASCADE;
