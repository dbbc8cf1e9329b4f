import { Endpoint, PublicApi } from '@flow/http';
import { OperatorCatalogue, type Operator } from '@flow/operators';
import { Get } from '@nestjs/common';

/** What an operator tells about itself; how it does its work stays inside. */
function toOperatorView(operator: Operator): Record<string, unknown> {
  return Object.fromEntries(Object.entries(operator).filter(([, value]) => typeof value !== 'function'));
}

@PublicApi('operators', { tag: 'Operators' })
export class OperatorsController {
  constructor(private readonly catalogue: OperatorCatalogue) {}

  @Get('catalog')
  @Endpoint({
    access: 'operator.view',
    summary: 'Every operator: schemas, effect, time-out, help and an example',
    answers: { 200: { type: 'object', properties: { items: { type: 'array', items: { type: 'object' } } } } },
  })
  catalog() {
    return { items: this.catalogue.list().map(toOperatorView) };
  }
}
