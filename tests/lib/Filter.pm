# Programs for -f, and messages that go through them.
package Filter;

use strict;
use warnings;
use Cwd qw(getcwd);
use Exporter qw(import);
use MailTest;

our @EXPORT = qw(new_filter written_by mail_through begin_mail left_over has_true_sizes
	without_trace);

# A new filter, as a script for sh in which $at is a directory of its own.  Returns its path.
sub new_filter {
	my ($script) = @_;
	my $path = new_file('filter');
	$path = getcwd() . "/$path" if $path !~ m{^/};
	my ($at) = $path =~ m{^(.*)/};
	open my $file, '>', $path or die "$path: $!\n";
	print $file "#!/bin/sh\nat='$at'\n$script\n";
	close $file or die "$path: $!\n";
	chmod 0755, $path;
	return $path;
}

# What a filter has written to this file in $at; undef where there is none.
sub written_by {
	my ($filter, $name) = @_;
	my ($at) = $filter =~ m{^(.*)/};
	return -e "$at/$name" ? contents("$at/$name") : undef;
}

# Starts a session and says all up to the end of the envelope.  Named arguments:
#   root, filter            mail root; -f's value, undef: none
#   flags, environment, before, errors
#   from, to                reverse-path, forward-paths with parameters behind the bracket
#   limit                   seconds that each step may take
sub begin_mail {
	my (%with) = @_;
	my @flags = ('-h', 'mail.example.org', @{$with{flags} || []});
	my @filter = defined $with{filter} ? ('-f', $with{filter}) : ();
	my $client = Program->start(
	    command => [ @{$with{before} || []}, program('smtp-stdio'), '-d', $with{root}, @flags, @filter ],
	    limit => $with{limit} || 60, environment => $with{environment}, errors => $with{errors});
	my $from = defined $with{from} ? $with{from} : '<sender@client.example>';
	my $is_lmtp = grep { $_ eq '-l' } @flags;
	$client->reply;
	my @said = map { $client->ask($_) } $is_lmtp ? 'LHLO client.example' : 'EHLO client.example',
	    @{$with{first} || []}, "MAIL FROM:$from", map { "RCPT TO:$_" } @{$with{to}};
	return ($client, @said);
}

# Sends one message, by DATA, or by BDAT in chunks of so many octets.  Arguments as above, and
#   message                 with LF line ends
#   chunk                   octets of a chunk; without it DATA is used
# Returns the final replies, in LMTP as many as there are recipients.
sub mail_through {
	my (%with) = @_;
	my ($client) = begin_mail(%with);
	my $is_lmtp = grep { $_ eq '-l' } @{$with{flags} || []};
	my $text = crlf(defined $with{message} ? $with{message} : "Subject: x\n\ntext\n");
	my @replies;
	if ($with{chunk}) {
		while (length $text > $with{chunk}) {
			$client->send("BDAT $with{chunk}\r\n" . substr $text, 0, $with{chunk}, '');
			$client->reply;
		}
		$client->send('BDAT ' . length($text) . " LAST\r\n$text");
	} else {
		my $go = $client->ask('DATA');
		die "DATA: $go\n" if $go !~ /^354 /;
		$client->send(dot_stuffed($text) . ".\r\n");
	}
	push @replies, $client->reply for $is_lmtp ? @{$with{to}} : 1;
	my $bye = $client->ask('QUIT');
	push @replies, "QUIT: $bye" if $bye !~ /^221 /;
	my $status = $client->status;
	push @replies, "exit status $status" if $status ne '0';
	return wantarray ? @replies : join ' / ', @replies;
}

# The files below mail/ that are no messages in sight.
sub left_over {
	my ($root) = @_;
	my ($list) = run('', [ 'find', "$root/mail", '-type', 'f', '!', '-path', '*/new/*' ]);
	return grep { !m{/pop3-lock$} } split /\n/, $list;
}

# Whether the sizes in the name of a message are those of the file.
sub has_true_sizes {
	my ($path) = @_;
	my $stored = contents($path);
	my ($disk, $wire) = $path =~ /,S=(\d+),W=(\d+)(?::2,[A-Z]*)?\z/ or return 0;
	my $sent = $stored =~ s/\r?\n/\r\n/gr;
	$sent .= "\r\n" if length $sent && substr($sent, -1) ne "\n";
	return $disk == length $stored && $wire == length $sent;
}

# A stored message as its sender had it.
sub without_trace {
	my ($stored) = @_;
	return $stored =~ s/\AReturn-Path: [^\n]*\n(?:Delivered-To: [^\n]*\n)*Received: (?:[^\n]*\n[ \t])*[^\n]*\n//r;
}

1;
