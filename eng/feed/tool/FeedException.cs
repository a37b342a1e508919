namespace Sluice.Feed;

/// <summary>Something the person at the console has to know; its message is the whole output of a failed run.</summary>
public class FeedException(string message, Exception? innerException = null) : Exception(message, innerException);

/// <summary>A package source gave no answer: nobody knows whether it has the package, so nothing may be made in its place.</summary>
public sealed class SourceUnreachableException(string message) : FeedException(message);
