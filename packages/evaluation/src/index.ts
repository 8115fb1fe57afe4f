/** Metrics, statistical tests, calibration, fairness and benchmark harnesses. */
export * from './metrics.js';
