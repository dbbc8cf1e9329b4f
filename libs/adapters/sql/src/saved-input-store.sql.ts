import type { DomainId, JsonObject, TriggerId } from '@flow/kernel';
import { SavedInputStore, type SavedInput } from '@flow/triggers';
import { isDuplicate, type Relational } from './relational';
import { SAVED_INPUTS, type SavedInputRow } from './saved-input.entity';

/** Saved inputs in the relational database; `SqlTriggerStore` removes those of a trigger with it. */
export class SqlSavedInputStore extends SavedInputStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(input: SavedInput, most: number): Promise<'added' | 'taken' | 'full'> {
    try {
      return await this.relational.run('input.add', async (tx) => {
        const rows = tx.repository(SAVED_INPUTS);
        const { triggerId, name } = input;
        if (await rows.existsBy({ triggerId, name })) return 'taken';
        if ((await rows.countBy({ triggerId })) >= most) return 'full';
        await rows.insert(input);
        return 'added';
      });
    } catch (error) {
      if (isDuplicate(error)) return 'taken';
      throw error;
    }
  }

  override async find(domain: DomainId, triggerId: TriggerId, name: string): Promise<SavedInput | undefined> {
    const row = await this.relational.read((tx) => tx.repository(SAVED_INPUTS).findOneBy({ domain, triggerId, name }));
    return row ? inputOf(row) : undefined;
  }

  override async list(domain: DomainId, triggerId: TriggerId): Promise<readonly SavedInput[]> {
    const rows = await this.relational.read((tx) =>
      tx.repository(SAVED_INPUTS).find({ where: { domain, triggerId }, order: { name: 'ASC' } }),
    );
    return rows.map(inputOf);
  }

  override async remove(domain: DomainId, triggerId: TriggerId, name: string): Promise<boolean> {
    const { affected } = await this.relational.run('input.remove', (tx) =>
      tx.repository(SAVED_INPUTS).delete({ domain, triggerId, name }),
    );
    return affected === 1;
  }
}

function inputOf(row: SavedInputRow): SavedInput {
  return { ...row, data: row.data as JsonObject };
}
