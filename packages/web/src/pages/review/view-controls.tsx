import { Control } from "../../ui/control.js";
import { FullScreenIcon, HelpIcon } from "./icons.js";

/** What every player's bar ends with: the list of keys, where there is a keyboard, and full screen, where there is one. */
export function ViewControls(props: {
  onHelp: () => void;
  fullScreen: { readonly isOn: boolean; readonly isPossible: boolean; readonly toggle: () => void };
}) {
  const { isOn, isPossible, toggle } = props.fullScreen;
  return (
    <>
      <span className="cs-controls__pointer">
        <Control label="Keyboard" keyName="?" onClick={props.onHelp} testId="help-open">
          <HelpIcon />
        </Control>
      </span>
      {isPossible && (
        <Control
          label={isOn ? "Leave full screen" : "Full screen"}
          keyName="F"
          onClick={toggle}
          testId="full-screen"
        >
          <FullScreenIcon isOn={isOn} />
        </Control>
      )}
    </>
  );
}
