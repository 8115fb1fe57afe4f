/** Prints the closing line of CI: what every runner reported. */
import { printTotals } from './totals.mjs';

const { failed } = printTotals(['tests', 'doctest', 'conformance', 'package', 'gates', 'self-test', 'interop']);
process.exitCode = failed > 0 ? 1 : 0;
