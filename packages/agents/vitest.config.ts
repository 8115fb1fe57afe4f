export { default } from '@gtc-tools/vitest';
