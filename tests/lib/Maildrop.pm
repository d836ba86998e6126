# A maildrop of very many messages, built quickly, and a POP3 session on all of it, of
# which each step is timed and the memory measured.
package Maildrop;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot qw(program);
use Program;
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

our @EXPORT_OK = qw(fill_maildrop measured_session octets_a_message);

# Fewer than any file system has links to one file
my $LINKS = 30_000;

my $MESSAGE = "Subject: one\n\nfirst\n";
my $WIRE = 23;

# Puts so many messages into a mailbox that is there, in new/ and in cur/ by turns, ten in
# each second.  They are named as smtp-stdio names them, and are links to few files.
# Returns how many octets their names have together.
sub fill_maildrop {
	my ($maildir, $count) = @_;
	my $octets = 0;
	my $first;
	for my $part ('tmp', 'new', 'cur') {
		mkdir "$maildir/$part", 0700 or -d "$maildir/$part" or die "$maildir/$part: $!\n";
	}
	for my $number (0 .. $count - 1) {
		my $name = sprintf '%d.%05x%016x.mail.example.org,S=%d,W=%d', 1_700_000_000 + $number / 10,
		    $number % 10 * 100_000, $number * 0x9e3779b1, length $MESSAGE, $WIRE;
		$name .= ':2,S' if $number % 2;
		my $path = "$maildir/" . ($number % 2 ? 'cur' : 'new') . "/$name";
		if ($number % $LINKS == 0) {
			open my $file, '>:raw', $path or die "$path: $!\n";
			print $file $MESSAGE;
			close $file or die "$path: $!\n";
			$first = $path;
		} else {
			link $first, $path or die "$path: $!\n";
		}
		$octets += length $name;
	}
	return $octets;
}

# A session that looks at all messages and removes all of them.  Returns a hash:
#   steps   what was done and the seconds that it took, in pairs
#   count   messages by STAT, and again by LIST, by different unique-ids in UIDL, and by
#           DELE commands that were answered with +OK
#   text    what RETR gave
#   kib     peak of resident memory, when all is marked
#   names   octets of the names, as fill_maildrop() said
#   status  exit status
sub measured_session {
	my ($root, $address, $password, $names) = @_;
	my %found = (steps => [], names => $names);
	my $begun = clock_gettime(CLOCK_MONOTONIC);
	my $client = Program->start(command => [ program('pop3-stdio'), '-d', $root, '-p' ], limit => 900, life => 3600);
	my $step = sub {
		my ($name, $input, $end) = @_;
		$begun ||= clock_gettime(CLOCK_MONOTONIC);
		$client->send($input);
		my $output = output_up_to($client, $end);
		push @{$found{steps}}, $name, clock_gettime(CLOCK_MONOTONIC) - $begun;
		$begun = undef;
		return $output;
	};
	my $whole = qr/(?:\A|\r\n)\.\r\n\z/;
	my $output = $step->('login and STAT', "USER $address\r\nPASS $password\r\nSTAT\r\n", qr/^(?:\+OK \d+ \d+|-ERR.*)\r\n\z/m);
	my ($count) = $output =~ /^\+OK (\d+) \d+\r\n\z/m or die "login: $output\n";
	push @{$found{count}}, $count;
	push @{$found{count}}, scalar(() = $step->('LIST', "LIST\r\n", $whole) =~ /^\d+ $WIRE\r$/mg);
	$output = $step->('UIDL', "UIDL\r\n", $whole);
	my %ids;
	$ids{$1}++ while $output =~ /^\d+ (\S+)\r$/mg;
	push @{$found{count}}, scalar keys %ids;
	if ($count > 0) {
		$found{text} = $step->('RETR of one', 'RETR ' . int($count / 2 + 1) . "\r\n", $whole) =~ s/\A\+OK.*\r\n//r;
		my $all = join '', map { "DELE $_\r\n" } 1 .. $count;
		$output = $step->('DELE of all', $all . "NOOP\r\nXEND\r\n", qr/^-ERR .*\r\n\z/m);
		push @{$found{count}}, (() = $output =~ /^\+OK/mg) - 1;
	}
	$found{kib} = $client->peak_memory;
	$begun = clock_gettime(CLOCK_MONOTONIC);
	$client->send("QUIT\r\n");
	$client->rest;
	$found{status} = $client->status;
	push @{$found{steps}}, 'QUIT', clock_gettime(CLOCK_MONOTONIC) - $begun;
	return \%found;
}

# The memory that a message takes, its name not counted, by a session with an empty
# maildrop and one with many messages.
sub octets_a_message {
	my ($empty, $full) = @_;
	return (1024 * ($full->{kib} - $empty->{kib}) - $full->{names}) / $full->{count}[0];
}

# All output, once the end of it is as expected.
sub output_up_to {
	my ($client, $end) = @_;
	my $deadline = Time::HiRes::time() + $client->{limit};
	until ($client->{ended} || substr($client->{output}, -200) =~ $end) {
		$client->await($deadline);
	}
	my $output = $client->{output};
	$client->{output} = '';
	return $output;
}

1;
