import type { DomainId, Json, JsonObject, Page, PageRequest } from '@flow/kernel';
import { VariableStore, type Variable } from '@flow/secrets';
import { pageByName } from './pages';
import { isDuplicate, type Relational } from './relational';
import { VARIABLES, type VariableRow } from './secret.entity';

/** Variables in the relational database. */
export class SqlVariableStore extends VariableStore {
  constructor(private readonly relational: Relational) {
    super();
  }

  override async add(variable: Variable): Promise<boolean> {
    try {
      await this.relational.run('variable.add', (tx) =>
        tx.repository(VARIABLES).insert({ ...variable, value: JSON.stringify(variable.value) }),
      );
      return true;
    } catch (error) {
      if (isDuplicate(error)) return false;
      throw error;
    }
  }

  override async replace({
    domain,
    name,
    value,
    ...content
  }: Parameters<VariableStore['replace']>[0]): Promise<Variable | undefined> {
    return this.relational.run('variable.replace', async (tx) => {
      const variables = tx.repository(VARIABLES);
      await variables.update({ domain, name }, { ...content, value: JSON.stringify(value) });
      const replaced = await variables.findOneBy({ domain, name });
      return replaced ? variableFrom(replaced) : undefined;
    });
  }

  override async find(domain: DomainId, name: string): Promise<Variable | undefined> {
    const variable = await this.relational.read((tx) => tx.repository(VARIABLES).findOneBy({ domain, name }));
    return variable ? variableFrom(variable) : undefined;
  }

  override async list(domain: DomainId, page: PageRequest): Promise<Page<Variable>> {
    const rows = await this.relational.read((tx) => pageByName(tx.repository(VARIABLES), domain, page));
    return { ...rows, items: rows.items.map(variableFrom) };
  }

  override async remove(domain: DomainId, name: string): Promise<boolean> {
    const { affected } = await this.relational.run('variable.remove', (tx) =>
      tx.repository(VARIABLES).delete({ domain, name }),
    );
    return affected === 1;
  }

  override async values(domain: DomainId): Promise<JsonObject> {
    const variables = await this.relational.read((tx) => tx.repository(VARIABLES).findBy({ domain }));
    return Object.fromEntries(variables.map(({ name, value }) => [name, JSON.parse(value) as Json]));
  }
}

function variableFrom(row: VariableRow): Variable {
  return { ...row, value: JSON.parse(row.value) as Json };
}
