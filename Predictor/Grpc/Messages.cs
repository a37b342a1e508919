using Google.Protobuf;
using Grpc.Core;

namespace Sluice.Predictor.Grpc;

/// <summary>How messages go to and from their bytes.</summary>
internal static class Messages
{
    /// <summary>The marshaller of a message. A message that is none is the caller's fault; by itself the library would say UNKNOWN.</summary>
    public static Marshaller<T> Of<T>()
        where T : class, IMessage<T>, IBufferMessage, new()
    {
        var parser = new MessageParser<T>(static () => new T());
        return new Marshaller<T>(Write, context => Read(parser, context));
    }

    // With the length known beforehand the library lets the message be written straight into the response.
    private static void Write<T>(T message, SerializationContext context)
        where T : IMessage<T>, IBufferMessage
    {
        context.SetPayloadLength(message.CalculateSize());
        message.WriteTo(context.GetBufferWriter());
        context.Complete();
    }

    private static T Read<T>(MessageParser<T> parser, DeserializationContext context)
        where T : IMessage<T>, IBufferMessage
    {
        try
        {
            return parser.ParseFrom(context.PayloadAsReadOnlySequence());
        }
        catch (InvalidProtocolBufferException exception)
        {
            throw GrpcFault.Client(StatusCode.InvalidArgument, $"The message is not a valid {typeof(T).Name}: {exception.Message}");
        }
    }

}
