namespace Sluice.Registry.Archives;

/// <summary>An archive breaks a limit; the message says which.</summary>
internal sealed class ArchiveLimitException(string message) : Exception(message);
