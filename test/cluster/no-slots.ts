import { SlotStore } from '@flow/instances';

/** No DAG here limits how many of its instances run. */
export class NoSlots extends SlotStore {
  override holders() {
    return Promise.resolve([]);
  }
  override waiters() {
    return Promise.resolve([]);
  }
  override ahead() {
    return Promise.resolve(0);
  }
  override waited() {
    return Promise.resolve([]);
  }
  override waiting() {
    return Promise.resolve(0);
  }
  override live() {
    return Promise.resolve(0);
  }
}
