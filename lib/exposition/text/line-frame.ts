import { metricNameText } from './name-text.ts';

/** What stands around the labels of a line: `name{` and `} `, or where the name needs quotes `{"name",` and `} `. */
export interface LineFrame {
  readonly open: string;
  readonly close: string;
}

/** Returns the frame of the lines of a sample name, which is escaped but not quoted. */
export function lineFrame(sampleName: string, hasLabels: boolean): LineFrame {
  const text = metricNameText(sampleName);
  if (text !== sampleName) return { open: `{${text}${hasLabels ? ',' : ''}`, close: '} ' };
  return hasLabels ? { open: `${text}{`, close: '} ' } : { open: text, close: ' ' };
}
