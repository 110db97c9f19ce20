import { useId } from "react";
import type { DeviceChoice } from "../../../conference/devices.js";
import { Select } from "../../../ui/select.js";

/** One of several devices. Nothing to choose while the browser does not tell their names. */
export function DeviceChooser({
  id,
  label,
  devices,
  chosen,
  onChoose,
}: {
  id: string;
  label: string;
  devices: readonly DeviceChoice[];
  chosen: string | null;
  onChoose: (id: string | null) => void;
}) {
  const own = useId();
  const named = devices.filter((device) => device.label !== "" && !AUTOMATIC.has(device.id));
  if (named.length === 0) return null;
  const isThere = named.some((device) => device.id === chosen);
  return (
    <Select
      id={`${own}-${id}`}
      label={label}
      options={[
        { value: "", label: "As the computer chooses" },
        ...named.map((device) => ({ value: device.id, label: device.label })),
      ]}
      value={isThere && chosen !== null ? chosen : ""}
      onChange={(next) => onChoose(next === "" ? null : next)}
    />
  );
}

/** Chromium lists the computer's own choices under these names, beside the devices themselves. */
const AUTOMATIC = new Set(["default", "communications"]);
