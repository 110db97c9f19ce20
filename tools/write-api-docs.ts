import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { PROJECT_ROOT } from "../tests/tools/root.js";
import { writeApiDocs } from "./api-docs.js";

/** Writes docs/api.md anew: npm run docs:api, after npm run build and npx tsc -b. */
writeFileSync(join(PROJECT_ROOT, "docs", "api.md"), writeApiDocs());
