# The queue of messages for other hosts as tests see it: entries laid into it as smtp-stdio
# does, runs of smtp-send -q, and what is left.
package QueueTest;

use strict;
use warnings;
use Exporter qw(import);
use MailTest;
use StoreTest qw(put queue_entry queue_id);

our @EXPORT = qw(enqueue envelope queue_ids make_due alter smarthost run_queue attempts outcomes
	letter sent_to);

my $entries = 0;

# A message to send, whose header ends with this subject.
sub letter {
	my ($subject) = @_;
	return "From: alice\@example.org\nSubject: $subject\n\n.text of $subject\n..\n";
}

# Lays an entry into the queue.  Named arguments:
#   to          recipients: "PATH" or "PATH PARAMETERS"
#   from        the same for the sender (alice@example.org)
#   message     (a letter)
#   arrived     so many seconds ago (0)
#   due         in so many seconds (0)
#   tries       so far (0)
# Returns its id.
sub enqueue {
	my ($root, %with) = @_;
	my $id = queue_id(++$entries);
	my $bracketed = sub { my ($path, $rest) = split / /, $_[0], 2; join ' ', "<$path>", defined $rest ? $rest : () };
	my ($due, $from) = (time + ($with{due} || 0), defined $with{from} ? $with{from} : 'alice@example.org');
	for ("$root/mail", "$root/mail/.incoming") {
		mkdir $_, 0700 or -d $_ or die "$_: $!\n";
	}
	my ($path) = split / /, $from;
	my $trace = 'Return-Path: <' . (defined $path ? $path : '') . ">\n"
	    . "Received: from client.example (unknown)\n\tby mail.example.org with ESMTPA id $id;\n\tSat, 21 Nov 2026 12:00:00 +0000\n";
	queue_entry($root, $id, $trace . (defined $with{message} ? $with{message} : letter($entries)),
	    join('', map { "$_\n" } 'arrived ' . (time - ($with{arrived} || 0)), 'from ' . (defined $path ? $bracketed->($from) : '<>'),
		map { 'to ' . ($with{tries} || 0) . " $due " . $bracketed->($_) } @{$with{to}}), $due);
	return $id;
}

# What the envelope of an entry says; '' where there is none.
sub envelope {
	my ($root, $id) = @_;
	return -e "$root/outgoing/envelope/$id" ? contents("$root/outgoing/envelope/$id") : '';
}

# The ids of the entries that are left.  A message without its envelope counts, too.
sub queue_ids {
	my ($root) = @_;
	my %ids = map { m{([^/]+)\z} ? ($1 => 1) : () } glob "$root/outgoing/{message,envelope}/*";
	my @ids = sort keys %ids;
	return @ids;
}

# Changes an envelope by code on $_, which is its text; it is due as that says then.
sub alter {
	my ($root, $id, $change) = @_;
	local $_ = envelope($root, $id);
	$change->();
	put($root, "outgoing/envelope/$id", $_);
	my ($due) = sort { $a <=> $b } /^to \d+ (\d+) /mg;
	utime $due, $due, "$root/outgoing/envelope/$id" if defined $due;
}

# Lets so many seconds pass for all entries: all that they say of time is that much earlier.
sub make_due {
	my ($root, $seconds) = @_;
	alter($root, $_, sub { s/^(arrived )(\d+)/$1 . ($2 - $seconds)/me; s/^(to \d+ )(\d+)/$1 . ($2 - $seconds)/mge }) for grep { envelope($root, $_) ne '' } queue_ids($root);
}

# The end of a command line: smtp-stdio on another mail root as the smarthost.
sub smarthost {
	my ($root, @flags) = @_;
	return ('--', 'env', 'MAIL_STDIO_LOG=syslog', program('smtp-stdio'), '-d', $root, '-h', 'smart.example', @flags);
}

# Runs the queue, with flags and a server behind them.  Returns the status and the log.
sub run_queue {
	my ($root, @arguments) = @_;
	my ($output, $status, $log) = with_errors('', [ program('smtp-send'), '-q', '-d', $root, '-h', 'mail.example.org', @arguments ], limit => 60);
	$log =~ s/^\S+: start note="running as root[^\n]*\n//mg;
	return ($status, $log . (length $output ? "[standard output: $output]\n" : ''));
}

# The attempts in a log, each as a hash of its fields.
sub attempts {
	my ($log) = @_;
	return map { { /(\w+)=((?:"(?:[^"\\]|\\.)*")|\S*)/g } } $log =~ /^smtp-send\[\d+\]: attempt (.*)$/mg;
}

# The recipients in a log, each with the code of the reply.
sub outcomes {
	my ($log) = @_;
	return join ' ', sort map { "$_->{to}=$_->{status}" } attempts($log);
}

# What is in a mailbox, each without the trace that was put on top by the last server.
sub sent_to {
	my ($root, $address) = @_;
	return map { contents($_) =~ s/\AReturn-Path: [^\n]*\nReceived: [^\n]*\n(?:\t[^\n]*\n)+//r } messages($root, $address);
}

1;
