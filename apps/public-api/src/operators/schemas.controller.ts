import { DagsService } from '@flow/dags';
import { Endpoint, PublicApi } from '@flow/http';
import { Get } from '@nestjs/common';

@PublicApi('schemas', { tag: 'DAGs' })
export class SchemasController {
  constructor(private readonly dags: DagsService) {}

  @Get('dag.json')
  @Endpoint({
    access: 'dag.view',
    summary: 'JSON Schema of DAG definitions, for editors',
    answers: { 200: { type: 'object' } },
  })
  dag() {
    return this.dags.schema();
  }
}
