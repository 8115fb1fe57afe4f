export { default } from '@gtc-tools/tsup';
