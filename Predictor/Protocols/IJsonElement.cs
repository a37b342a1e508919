using System.Text.Json;

namespace Sluice.Predictor.Protocols;

/// <summary>How the elements of one datatype of fixed size are written in JSON.</summary>
/// <typeparam name="T">The element.</typeparam>
internal interface IJsonElement<T>
    where T : unmanaged
{
    /// <summary>What an element must be, for messages.</summary>
    public static abstract string Expected { get; }

    /// <summary>Reads the value the reader stands on, straight from its bytes; false when it is not one of this datatype.</summary>
    public static abstract bool TryRead(ref Utf8JsonReader reader, out T value);

    /// <summary>Writes a value; false when JSON has none for it (NaN, infinity).</summary>
    public static abstract bool TryWrite(Utf8JsonWriter writer, T value);
}
