import { useCallback, useEffect, useState } from "react";
import { browserDevices, type DeviceList } from "../../../conference/devices.js";

const NONE: DeviceList = { mics: [], cameras: [], speakers: [] };

/** The machine's devices as they are now. `refresh`: their names may be told since one was opened. */
export function useDeviceList() {
  const [list, setList] = useState(NONE);
  const refresh = useCallback(() => {
    void browserDevices.list().then(setList);
  }, []);
  useEffect(() => {
    refresh();
    return browserDevices.onChange(refresh);
  }, [refresh]);
  return { list, refresh };
}
