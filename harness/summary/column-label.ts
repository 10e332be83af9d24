/** A column's id without the parts that every matrix has (matrix.yml), which say nothing: lifecycle, lifecycle overlay. */
export function columnLabel(id: string): string {
  const [workload, storage, boot] = id.split('/');
  return [workload, storage === 'plain' ? '' : storage, boot === 'default' ? '' : boot]
    .filter(Boolean)
    .join(' ');
}
