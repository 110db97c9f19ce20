import { fsyncSync } from "node:fs";
import type { PGlite } from "@electric-sql/pglite";
import { NodeFS } from "@electric-sql/pglite/nodefs";

type Started = Parameters<NodeFS["init"]>[1];
type NodeFsModule = { NODEFS: { stream_ops: { fsync?: (stream: { nfd: number }) => number } } };

/**
 * PGlite's file system with the fsync it lacks: without it a COMMIT is acknowledged while it is only in the kernel's
 * memory. Directory entries are still not synced. It needs `wal_sync_method=fsync`: fdatasync is a stub in PGlite.
 */
export class DurableNodeFS extends NodeFS {
  override async init(pg: PGlite, options: Started): Promise<{ emscriptenOpts: Started }> {
    const { emscriptenOpts } = await super.init(pg, options);
    const addFsync = (module: unknown): void => {
      (module as NodeFsModule).NODEFS.stream_ops.fsync = (stream) => {
        fsyncSync(stream.nfd);
        return 0;
      };
    };
    return { emscriptenOpts: { ...emscriptenOpts, preRun: [...(emscriptenOpts.preRun ?? []), addFsync] } };
  }
}
