import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem, api } from "../../api/call.js";
import { keepRoom, sentence } from "../../api/queries.js";
import { Button } from "../../ui/button.js";
import { ErrorSummary, type FormError } from "../../ui/error-summary.js";
import { TextField } from "../../ui/text-field.js";

/** Makes a room and goes to it. The server makes key, link and password. */
export function CreateRoom({ isFirst }: { isFirst: boolean }) {
  const [name, setName] = useState("");
  const [errors, setErrors] = useState<readonly FormError[]>([]);
  const client = useQueryClient();
  const navigate = useNavigate();
  const create = useMutation({
    mutationFn: () => api("createRoom", { body: { name: name.trim() } }),
    onSuccess: async (room) => {
      keepRoom(client, room);
      await navigate({ to: "/studio/rooms/$roomId", params: { roomId: room.id } });
    },
    onError: (error) => {
      const isName = error instanceof ApiProblem && error.code === "name_taken";
      setErrors([isName ? { message: sentence(error), field: "room-name" } : { message: sentence(error) }]);
    },
  });
  return (
    <form
      className="cs-create"
      data-testid="create-room"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (name.trim() === "") {
          setErrors([{ message: "Enter a name for the room", field: "room-name" }]);
          return;
        }
        setErrors([]);
        create.mutate();
      }}
    >
      <ErrorSummary errors={errors} />
      <div className="cs-create__row">
        <TextField
          id="room-name"
          label={isFirst ? "Name your first room" : "New room"}
          placeholder="Northern Light, episode 2"
          maxLength={80}
          autoComplete="off"
          value={name}
          onChange={setName}
          error={errors.find(({ field }) => field === "room-name")?.message}
        />
        <Button type="submit" busy={create.isPending}>
          Create room
        </Button>
      </div>
    </form>
  );
}
