import { lazy, Suspense, useState } from "react";

const DeviceCheckDialog = lazy(() =>
  import("./device-check-dialog.js").then((file) => ({ default: file.DeviceCheckDialog })),
);

/** The way from a door to the device check: it is loaded when it is opened. */
export function DeviceCheckLink() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <p className="govuk-body cs-door__check">
        <button
          type="button"
          className="cs-link"
          onClick={() => setOpen(true)}
          data-testid="device-check-open"
        >
          Check microphone and camera
        </button>
      </p>
      {isOpen && (
        <Suspense>
          <DeviceCheckDialog onClose={() => setOpen(false)} />
        </Suspense>
      )}
    </>
  );
}
