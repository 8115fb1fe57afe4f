import { parityCases, sweep, sweepEnum } from '@gtc/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as telemetry from './telemetry.js';

describe('parity: telemetry', () => {
  it.each(parityCases('hub/telemetry', telemetry, import.meta.url))('$name', c => c.run());
});

describe('laws', () => {
  const counter = telemetry.createMetricConfig('counter', 'requests', { labels: ['method'] });
  const gauge = telemetry.createMetricConfig('gauge', 'temp');
  it('counters add up by label and gauges keep the last', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.constantFrom('GET', 'PUT'), fc.nat(100)), { minLength: 1 }), rows => {
        const values = rows.flatMap(([method, n]) => [telemetry.recordMetric(counter, n, { labels: { method } }), telemetry.recordMetric(gauge, n)]);
        const { requests, temp } = telemetry.aggregateMetrics(values);
        return Object.values(requests!).reduce((a, b) => a + b, 0) === rows.reduce((sum, [, n]) => sum + n, 0) && temp!['_total'] === rows.at(-1)![1];
      }),
      { numRuns: 100 },
    );
  });
  it('every format but that of Prometheus is JSON', () => {
    const values = [telemetry.recordMetric(counter, 2, { labels: { method: 'GET' } }), telemetry.recordMetric(gauge, 20)];
    const parsed = (format: string) => JSON.parse(telemetry.exportTelemetry(values, { exportFormat: format }));
    expect(parsed('json')).toMatchObject([
      { name: 'requests', value: 2, labels: { method: 'GET' } },
      { name: 'temp', type: 'gauge' },
    ]);
    const { metrics } = parsed('otlp').resourceMetrics[0].scopeMetrics[0];
    expect(metrics[0].sum).toMatchObject({ isMonotonic: true, dataPoints: [{ asDouble: 2, attributes: [{ key: 'method', value: { stringValue: 'GET' } }] }] });
    expect(metrics[1].gauge.dataPoints[0].timeUnixNano).toMatch(/^\d{19}$/);
    expect(parsed('cloudwatch').MetricData[0]).toMatchObject({
      MetricName: 'requests',
      Unit: 'Count',
      Value: 2,
      Dimensions: [{ Name: 'method', Value: 'GET' }],
    });
  });
  it('a log line has time and context when asked', () => {
    expect(telemetry.formatLogMessage('Done', { context: { b: 2, a: 'x' } })).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \[info\] Done \(a=x b=2\)$/);
  });
  it('percentiles lie between the least and the greatest and grow', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1 }), values => {
        const found = telemetry.calculatePercentiles(values, { percentiles: [0, 25, 50, 100] });
        return found['0'] === Math.min(...values) && found['100'] === Math.max(...values) && found['25']! <= found['50']! + 1e-9;
      }),
      { numRuns: 100 },
    );
  });
});

describe('definitions', () => {
  it.each([
    ...sweep(telemetry.LogConfig),
    ...sweep(telemetry.MetricConfig, () => telemetry.createMetricConfig('counter', 'requests')),
    ...sweep(telemetry.TelemetryConfig, () => telemetry.createTelemetryConfig()),
    ...sweep(telemetry.TelemetryStats, () => ({ totalEvents: 3, eventsByLevel: { info: 3 }, totalMetrics: 1, exportErrors: 0 })),
    ...sweep(telemetry.MetricValue, () => telemetry.recordMetric(telemetry.createMetricConfig('gauge', 'temp'), 1)),
    ...sweepEnum('LogLevel', telemetry.LogLevel, { list: telemetry.listLogLevels, get: telemetry.getLogLevel }),
    ...sweepEnum('MetricType', telemetry.MetricType, { list: telemetry.listMetricTypes, get: telemetry.getMetricType }),
    ...sweepEnum('ExportFormat', telemetry.ExportFormat, { list: telemetry.listExportFormats, get: telemetry.getExportFormat }),
  ])('$name', c => c.run());
});

describe('refusals', () => {
  it.each([
    [() => telemetry.createMetricConfig('histogram', 'x'), 'buckets are required for a histogram'],
    [() => telemetry.createMetricConfig('histogram', 'x', { buckets: [1, 1] }), 'buckets must be in ascending order, got [1, 1]'],
    [() => telemetry.recordMetric(telemetry.createMetricConfig('gauge', 'x', { labels: ['a'] }), 1), 'labels must have a; missing labels: a'],
    [() => telemetry.recordMetric(telemetry.createMetricConfig('counter', 'x'), -1), 'value of a counter metric must be non-negative, got -1'],
    [() => telemetry.calculatePercentiles([1], { percentiles: [101] }), 'percentile must be in [0, 100], got 101'],
    [() => telemetry.exportTelemetry([], { exportFormat: 'csv' }), "exportFormat must be one of cloudwatch, json, otlp, prometheus, got 'csv'"],
  ])('%# says what is wrong', (run, message) => {
    expect(run).toThrow(message);
  });
});
