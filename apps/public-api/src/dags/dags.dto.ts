import {
  DAG_ACTIONS,
  DAG_SORTS,
  DAG_STATUSES,
  type DagAction,
  type DagFilter,
  type DagSort,
  type DagStatus,
} from '@flow/dags';
import { Doc, Optional, PageQuery } from '@flow/http';
import { ArrayMaxSize, ArrayMinSize, IsArray, IsBoolean, IsIn, IsString, Length } from 'class-validator';

const TRIGGERS = ['manual', 'form', 'cron', 'event', 'webhook', 'dag', 'operator'];

export class DagListQuery extends PageQuery {
  @Doc('Found anywhere in the title, whatever the case.')
  @Optional()
  @IsString()
  @Length(1, 128)
  keyword?: string;

  @Optional()
  @IsIn(DAG_STATUSES)
  status?: DagStatus;

  @Doc('What starts it.')
  @Optional()
  @IsIn(TRIGGERS)
  trigger?: string;

  @Optional()
  @IsString()
  @Length(1, 128)
  tag?: string;

  @Optional()
  @IsString()
  @Length(1, 128)
  createdBy?: string;

  @Doc('A minus sorts downward.')
  @IsIn(DAG_SORTS)
  sort: DagSort = '-createdAt';
}

export function filterOf({ keyword, status, trigger, tag, createdBy, sort }: DagListQuery): DagFilter {
  return {
    sort,
    ...(keyword !== undefined && { keyword }),
    ...(status !== undefined && { status }),
    ...(trigger !== undefined && { trigger }),
    ...(tag !== undefined && { tag }),
    ...(createdBy !== undefined && { createdBy }),
  };
}

export class VersionQuery {
  @Doc('An older version, `vMAJOR.MINOR.PATCH`; the newest when left out.')
  @Optional()
  @IsString()
  @Length(1, 64)
  version?: string;
}

export class DeleteQuery {
  @Doc('Cancels the instances that have not ended, instead of refusing.')
  @IsBoolean()
  cancel: boolean = false;

  @Doc('Deletes it though other DAGs call it, instead of refusing.')
  @IsBoolean()
  force: boolean = false;
}

export class GraphQuery extends VersionQuery {
  @IsIn(['mermaid', 'json'])
  format: 'mermaid' | 'json' = 'json';
}

export class ExportQuery extends VersionQuery {
  @IsIn(['json', 'yaml'])
  format: 'json' | 'yaml' = 'json';
}

export class ImportQuery {
  @Doc('`create` refuses titles that are taken, `upsert` makes a new version of those DAGs.')
  @IsIn(['create', 'upsert'])
  mode: 'create' | 'upsert' = 'create';

  @Doc('The language of the documents: `flow`, or `go` for those of the older service (docs/go-definitions.md).')
  @Optional()
  @IsString()
  @Length(1, 16)
  dialect?: string;
}

export class BatchGetBody {
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  ids!: string[];

  @Doc('Only these fields, and always the id.')
  @Optional()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  fields?: string[];
}

export class BatchBody {
  @IsIn(DAG_ACTIONS)
  action!: DagAction;

  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(1_000)
  @IsString({ each: true })
  @Length(1, 64, { each: true })
  ids!: string[];
}

export class RollbackBody {
  @Doc('The version that is made; the next patch version when left out.')
  @Optional()
  @IsString()
  @Length(1, 64)
  version?: string;

  @Optional()
  @IsString()
  @Length(0, 300)
  changeLog?: string;
}
