import { describe, expect, it } from 'vitest';
import { cgroupName } from '../../../../lib/php/processes/cgroup.js';

const id = '0123456789abcdef'.repeat(4);
const label = (text: string) => cgroupName(text).label;

describe('a control group', () => {
  it('is named by the system’s service that it is', () => {
    expect(cgroupName('0::/system.slice/php8.2-fpm.service\n')).toEqual({
      label: 'php8.2-fpm.service',
      unit: 'php8.2-fpm.service',
      container: null,
    });
    expect(cgroupName('5:cpu:/\n1:name=systemd:/system.slice/apache2.service\n0::/\n').unit).toBe(
      'apache2.service',
    );
  });

  it('is not taken for the system’s where a user named it', () => {
    const user = '/user.slice/user-1000.slice/user@1000.service/app.slice/php8.2-fpm.service';
    expect(cgroupName(`0::${user}\n`)).toEqual({
      label: 'php8.2-fpm.service',
      unit: null,
      container: null,
    });
  });

  it('is named by its container', () => {
    expect(label(`0::/docker/${id}\n`)).toBe('docker 0123456789ab');
    expect(label(`0::/system.slice/docker-${id}.scope\n`)).toBe('docker 0123456789ab');
    expect(label(`0::/system.slice/docker-${id}.scope/system.slice/php-fpm.service\n`)).toBe(
      'docker 0123456789ab',
    );
    expect(label(`0::/machine.slice/libpod-${id}.scope/container\n`)).toBe('podman 0123456789ab');
    expect(label(`0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-${id}.scope\n`)).toBe(
      'container 0123456789ab',
    );
    expect(label(`4:memory:/kubepods/besteffort/pod1/${id}\n`)).toBe('container 0123456789ab');
    expect(label('0::/lxc.payload.web1/system.slice/php-fpm.service\n')).toBe('lxc web1');
    expect(label('4:memory:/lxc/web1\n')).toBe('lxc web1');
    expect(label('0::/machine.slice/systemd-nspawn@web.service/payload\n')).toBe('machine web');
  });

  it('tells the whole ID of its container, where that is what it is named by', () => {
    const container = (text: string) => cgroupName(text).container;
    expect(container(`0::/system.slice/docker-${id}.scope\n`)).toBe(id);
    expect(container(`0::/kubepods.slice/pod1/crio-${id}.scope\n`)).toBe(id);
    expect(container('0::/lxc.payload.web1\n')).toBeNull();
    // What a container runs in itself is not our runtime's.
    const inner = 'f'.repeat(64);
    expect(container(`0::/docker/${id}/docker/${inner}\n`)).toBe(inner);
  });

  it('is nameless where it is neither, and never unprintable', () => {
    expect(label('0::/\n')).toBeNull();
    expect(label('')).toBeNull();
    expect(label('nonsense')).toBeNull();
    expect(label('0::/a\x1b[31m.service\n')).toBe('a\\x1b[31m.service');
  });
});
