import type { Database } from '@flow/adapters/sqlite';
import { DiskSpace } from '@flow/retention';

/** Pages that one step moves: a few milliseconds. */
const PAGES_A_STEP = 256;
/** What new instances will want again soon is not given back: a twentieth of what is used, and some MiB. */
const SHARE_KEPT = 20;
const PAGES_KEPT = 1_024;

/** The space within `documents.db`: pages move from its end into what is free, and the file is cut. */
export class SqliteDiskSpace extends DiskSpace {
  private trimmed = false;

  constructor(
    private readonly db: Database,
    private readonly steps = { pages: PAGES_A_STEP, kept: PAGES_KEPT },
  ) {
    super();
  }

  override async giveBack(): Promise<number> {
    const { pages, freePages, pageBytes, shrinks } = this.db.space();
    const kept = Math.max(this.steps.kept, Math.ceil((pages - freePages) / SHARE_KEPT));
    if (!shrinks || freePages - kept < this.steps.pages) {
      // The file itself is cut when the log beside it has gone into it.
      if (this.trimmed) this.db.checkpoint();
      this.trimmed = false;
      return 0;
    }
    this.db.trim('space.trim', this.steps.pages);
    this.trimmed = true;
    return this.steps.pages * pageBytes;
  }
}
