# The queue for other hosts as it is on disk, read by the rules of mailstore(5) and by no
# knowledge of the programs.
package Queue;

use strict;
use warnings;
use Exporter qw(import);
use MailRoot ();

our @EXPORT = qw(queued queue_files lone_messages empty_queue places);

sub slurp {
	my ($path) = @_;
	open my $file, '<:raw', $path or die "$path: $!\n";
	local $/;
	return scalar <$file>;
}

# A path with its brackets, which may stand in quotes inside it, and what is behind it.
my $path = qr/<((?:[^">\n]|"(?:[^"\\\n]|\\[^\n])*")*)>(?: ([^\n]+))?/;

# An envelope, as a hash: arrived, from, parameters, warned, and to, a list of hashes with
# state (to, failed or relayed), tries and due or status, path, parameters, said.
sub envelope {
	my ($text) = @_;
	my %envelope = (to => []);
	$text =~ s/\Aarrived (\d+)\n// or die "no arrival: $text\n";
	$envelope{arrived} = $1;
	$text =~ s/\Afrom $path\n// or die "no sender: $text\n";
	@envelope{qw(from parameters)} = ($1, $2 // '');
	$envelope{warned} = $text =~ s/\Awarned\n//;
	while ($text =~ s/\A(?:(to) (\d+) (\d+)|(failed|relayed) ([0-9.]+)) $path\n(?:said ([^\n]*)\n)?//) {
		push @{$envelope{to}}, { state => $1 // $4, tries => $2, due => $3, status => $5, path => $6,
			parameters => $7 // '', said => $8 };
	}
	die "no recipient: $text\n" if $text ne '' || !@{$envelope{to}};
	return \%envelope;
}

# All entries of a mail root's queue, in order of arrival: the envelope, and id, due, the
# message and its inode.
sub queued {
	my ($root) = @_;
	my @entries;
	for my $file (glob "$root/outgoing/envelope/*") {
		my ($id) = $file =~ m{([^/]+)\z};
		my $message = "$root/outgoing/message/$id";
		push @entries, { %{envelope(slurp($file))}, id => $id, due => (stat $file)[9],
			message => slurp($message), inode => (stat $message)[1] };
	}
	return sort { $a->{arrived} <=> $b->{arrived} || $a->{id} cmp $b->{id} } @entries;
}

# The names of all files in it, also of those that belong to no entry.
sub queue_files {
	my ($root) = @_;
	return map { s{\A\Q$root\E/outgoing/}{}r } glob "$root/outgoing/*/* $root/outgoing/*/.[!.]*";
}

# What is in it without an envelope, by its path in the mail root.
sub lone_messages {
	my ($root) = @_;
	return grep { m{/message/([^/]+)\z} && !-e "$root/outgoing/envelope/$1" } map { "outgoing/$_" } queue_files($root);
}

# The messages of an account; of an address in a domain that is not hosted, those that wait
# to be sent there.
sub places {
	my ($root, $address) = @_;
	my ($domain) = $address =~ /\@([^@]*)\z/;
	return MailRoot::messages($root, $address) if -d "$root/accounts/$domain";
	return map { "$root/outgoing/message/$_->{id}" }
	    grep { grep { $_->{path} eq $address } @{$_->{to}} } queued($root);
}

sub empty_queue {
	my ($root) = @_;
	unlink map { "$root/outgoing/$_" } queue_files($root);
}

1;
