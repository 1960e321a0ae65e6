export const POD_SECCOMP = ['runtime-default', 'arm', 'unconfined'] as const;

/**
 * The filter of the container that holds a pod, with an engine that makes pods: the runtime's own profile, as a kubelet
 * asks for, the arm's, or none.
 */
export type PodSeccomp = (typeof POD_SECCOMP)[number];

/**
 * What a kubelet asks for, whatever the pod's own securityContext says (kubernetes,
 * pkg/kubelet/kuberuntime/kuberuntime_sandbox_linux.go).
 */
export const DEFAULT_POD_SECCOMP: PodSeccomp = 'runtime-default';
