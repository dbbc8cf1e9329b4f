import type { Fault } from '@flow/kernel';

const MOST = 500;

/** Collects what is wrong with a definition. Past 500 faults it stops listing them and says so. */
export class Faults {
  private readonly list: Fault[] = [];
  private readonly seen = new Set<string>();

  add(pointer: string, code: string, message: string): void {
    if (this.list.length > MOST) return;
    if (this.list.length === MOST) {
      this.list.push({
        pointer: '',
        code: 'dag.too_many_faults',
        message: `Only the first ${MOST} faults are listed.`,
      });
      return;
    }
    const key = JSON.stringify([pointer, code, message]);
    if (this.seen.has(key)) return;
    this.seen.add(key);
    this.list.push({ pointer, code, message });
  }

  get any(): boolean {
    return this.list.length > 0;
  }

  get all(): readonly Fault[] {
    return this.list;
  }
}
