import { ArrowRight, Car, Laptop, Lock, Waypoints } from 'lucide-react';
import type { ReactNode } from 'react';
import type { VehicleWay } from '../../shared/model/vehicle-state.ts';

/** How the files come to the vehicle: over HTTPS to its proxy, straight, or through a proxy that this computer is. */
export function WayPicture({ way }: { readonly way: VehicleWay }): ReactNode {
  return (
    <span className="way-picture" aria-hidden>
      <Laptop size={24} strokeWidth={1.5} />
      {way === 'upper' && <Waypoints size={16} strokeWidth={1.5} />}
      {way === 'own' ? <Lock size={16} strokeWidth={1.5} /> : null}
      <ArrowRight size={16} strokeWidth={1.5} />
      {way === 'own' && <Waypoints size={16} strokeWidth={1.5} />}
      <Car size={24} strokeWidth={1.5} />
    </span>
  );
}
