import { AppError, type DagId, type DomainId } from '@flow/kernel';
import { VersionNotFound, type DagContent, type DagStore } from '@flow/dags';
import { compilePlan, type Plan } from '@flow/engine';
import type { OperatorCatalogue } from '@flow/operators';
import type { Creation } from './creation';

const MOST_PLANS = 1_000;
/** Characters of all definitions that are kept compiled; compiled they take a few dozen times as much memory. */
const MOST_CHARACTERS = 16 * 1024 * 1024;

export class PlanUnusable extends AppError {
  readonly kind = 'conflict';
  readonly code = 'dag.plan_unusable';
  constructor(dagId: DagId, version: string, cause: unknown) {
    super(
      `Version ${version} of the DAG ${dagId} cannot run here: ${cause instanceof Error ? cause.message : String(cause)}`,
      { dagId, version },
      { cause },
    );
  }
}

/** Compiles each version once; a version never changes, so a plan never goes stale. Bounded: the one used longest ago goes first. */
export class PlanCache {
  private readonly plans = new Map<string, { readonly plan: Plan; readonly characters: number }>();
  private characters = 0;

  constructor(
    private readonly dags: DagStore,
    private readonly catalogue: OperatorCatalogue,
  ) {}

  /** Throws VersionNotFound or PlanUnusable. */
  async get(domain: DomainId, dagId: DagId, version: string, content?: DagContent): Promise<Plan> {
    const key = `${domain} ${dagId} ${version}`;
    const known = this.plans.get(key);
    if (known) {
      this.plans.delete(key);
      this.plans.set(key, known);
      return known.plan;
    }
    const source = content ?? (await this.dags.version(domain, dagId, version))?.content;
    if (!source) throw new VersionNotFound(dagId, version);
    const plan = this.compile(dagId, version, source);
    this.keep(key, plan, JSON.stringify(source.steps).length);
    return plan;
  }

  /** The plan that an instance runs by: of its version, or of what a debugger gave. Throws as `get` does. */
  of({ domain, dagId, version, debug }: Pick<Creation, 'domain' | 'dagId' | 'version' | 'debug'>): Promise<Plan> {
    return this.get(domain, dagId, version, debug?.definition);
  }

  private keep(key: string, plan: Plan, characters: number): void {
    this.drop(key);
    this.plans.set(key, { plan, characters });
    this.characters += characters;
    for (const oldest of this.plans.keys()) {
      if (this.plans.size <= MOST_PLANS && this.characters <= MOST_CHARACTERS) break;
      this.drop(oldest);
    }
  }

  private drop(key: string): void {
    this.characters -= this.plans.get(key)?.characters ?? 0;
    this.plans.delete(key);
  }

  private compile(dagId: DagId, version: string, content: DagContent): Plan {
    const { steps, vars, outputs, timeout, startBy } = content;
    try {
      return compilePlan(
        {
          ...{ steps, vars },
          ...(outputs && { outputs }),
          ...(timeout !== undefined && { timeout }),
          ...(startBy !== undefined && { startBy }),
        },
        this.catalogue,
      );
    } catch (error) {
      throw new PlanUnusable(dagId, version, error);
    }
  }
}
