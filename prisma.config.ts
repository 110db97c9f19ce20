import { defineConfig } from "prisma/config";

export default defineConfig({
  schema: "packages/server/prisma/schema.prisma",
  migrations: { path: "packages/server/prisma/migrations" },
});
