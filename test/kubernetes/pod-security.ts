/**
 * Which of the Pod Security Standards a pod keeps, by kubernetes.io/docs/concepts/security/pod-security-standards,
 * as far as the fields go that our pods have.
 */
import type { Container, PodSpec, SecurityContext } from './bases.js';

/** What the level baseline lets a container add. */
const ofBaseline = new Set([
  'AUDIT_WRITE',
  'CHOWN',
  'DAC_OVERRIDE',
  'FOWNER',
  'FSETID',
  'KILL',
  'MKNOD',
  'NET_BIND_SERVICE',
  'SETFCAP',
  'SETGID',
  'SETPCAP',
  'SETUID',
  'SYS_CHROOT',
]);

export function podSecurityOf(pod: PodSpec): 'privileged' | 'baseline' | 'restricted' {
  if (!isBaseline(pod)) return 'privileged';
  return pod.containers.every((container) => isRestricted(container, pod.securityContext))
    ? 'restricted'
    : 'baseline';
}

function isBaseline({ hostPID, hostNetwork, hostIPC, volumes = [], containers, ...pod }: PodSpec) {
  const contexts = [pod.securityContext ?? {}, ...containers.map((it) => it.securityContext ?? {})];
  return (
    !hostPID &&
    !hostNetwork &&
    !hostIPC &&
    volumes.every(({ hostPath }) => hostPath === undefined) &&
    contexts.every(
      ({ privileged, capabilities, appArmorProfile, seccompProfile }) =>
        !privileged &&
        (capabilities?.add ?? []).every((name) => ofBaseline.has(name)) &&
        appArmorProfile?.type !== 'Unconfined' &&
        seccompProfile?.type !== 'Unconfined',
    )
  );
}

function isRestricted({ securityContext: own = {} }: Container, ofPod: SecurityContext = {}) {
  const { capabilities, allowPrivilegeEscalation } = own;
  const { runAsNonRoot, runAsUser, seccompProfile } = { ...ofPod, ...own };
  return (
    runAsNonRoot === true &&
    runAsUser !== 0 &&
    allowPrivilegeEscalation === false &&
    seccompProfile?.type === 'RuntimeDefault' &&
    capabilities?.drop?.includes('ALL') === true &&
    (capabilities.add ?? []).every((name) => name === 'NET_BIND_SERVICE')
  );
}
