# What pop3-fetch does with a server of somebody else's: the same on each.
package FetchTest;
use strict;
use warnings;

use Exporter 'import';
use Test::More;
use PeerTest qw(program run scratch_dir slurp spew);
use StoreTest qw(same_octets);

our @EXPORT = qw(fetch fetches_mail new_messages);

# Messages by their subjects, with LF.
sub new_messages
{
	my $header = "From: Anna <anna\@example.org>\nTo: bob\@example.com\nDate: Sat, 21 Nov 2026 10:00:00 +0000\n"
		. "Message-ID: <%1\$s\@example.org>\nSubject: %1\$s\n\n";
	my %body = (
		first => "Hello Bob.\n",
		second => ".one dot\n..two\n\n.\nFrom here\n",
		third => "\xc3\xa4\xc3\xb6\xc3\xbc\n" . "A line of no great length.\n" x 400,
	);
	return map { ($_ => sprintf($header, $_) . $body{$_}) } keys %body;
}

# One run: fetch({ user, password, flags => [...], command => [...] }, words).  Returns exit
# status, standard output and standard error.
sub fetch
{
	my ($server, @words) = @_;
	my @password = defined $server->{password}
		? ('-w', spew(scratch_dir() . '/password', "$server->{password}\n")) : ();
	my ($status, $out, $error) = run([program('pop3-fetch'), '-u', $server->{user}, @password,
		@{ $server->{flags} || [] }, @words, $server->{command} ? ('--', @{ $server->{command} }) : ()]);
	return (defined $status ? $status >> 8 : 'no end', $out, $error);
}

# A directory has each message once, and nothing else.
sub has_each_once
{
	my ($dir, $name) = @_;
	my %text = new_messages();
	my @saved = grep { -f } glob "$dir/*";

	is(scalar @saved, scalar keys %text, "$name: so many messages are there");
	for my $path (@saved) {
		my $octets = slurp($path) =~ s/\r\n/\n/gr;
		my ($subject) = $octets =~ /^Subject: (\w+)$/m;
		same_octets($octets, delete $text{$subject // ''}, "$name: " . ($subject // $path));
	}
}

# The number that each subject has in the output of list.
sub numbers
{
	my ($out) = @_;
	my %number;

	for (split /\n/, $out) {
		$number{$2} = $1 if /^\s*(\d+)\s.*\b(first|second|third)\s*$/;
	}
	return \%number;
}

# All commands, one after the other, on a mailbox with the messages of new_messages().
sub fetches_mail
{
	my ($server) = @_;
	my %text = new_messages();
	my $dir = scratch_dir();

	mkdir "$dir/$_" or die "$dir/$_: $!\n" for qw(tmp new cur other);

	my ($status, $out, $error) = fetch($server, 'list');
	is($status, 0, 'list') or return diag($error);
	my $number = numbers($out);
	is(join(' ', sort keys %$number), 'first second third', 'shows each subject') or diag($out, $error);
	is(scalar(() = $out =~ /\bAnna\b/g), 3, 'and who wrote') or diag($out);

	($status, $out, $error) = fetch($server, '-r', 'read', $number->{second});
	is($status, 0, 'read') or diag($error);
	like($out =~ s/\r\n/\n/gr, qr/\Q$text{second}\E\n?\z/, 'prints a message as it is');
	($status, $out, $error) = fetch($server, 'read', 4);
	isnt($status, 0, 'but none that is not there');

	for my $time ('save', 'save again') {
		($status, $out, $error) = fetch($server, '-k', 'save', $dir);
		is($status, 0, "$time, and keep") or diag($error);
		has_each_once("$dir/new", $time);
	}
	($status, $out, $error) = fetch($server, '-k', 'save', "$dir/other");
	is($status, 0, 'save into what is no Maildir') or diag($error);
	has_each_once("$dir/other", 'no Maildir');

	($status, $out, $error) = fetch($server, 'delete', $number->{first});
	is($status, 0, 'delete') or diag($error);
	($status, $out) = fetch($server, 'list');
	is(join(' ', sort keys %{ numbers($out) }), 'second third', 'the others are there') or diag($out);

	($status, $out, $error) = fetch($server, 'save', $dir);
	is($status, 0, 'save, and do not keep') or diag($error);
	has_each_once("$dir/new", 'and do not keep');
	($status, $out) = fetch($server, 'list');
	is("$status$out", '0', 'nor on the server any more');
}

1;
